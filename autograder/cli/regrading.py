"""The command that scores a class again after a test, threshold or hidden data changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from autograder import pipeline
from autograder.bulk.changes import Difference
from autograder.bulk.regrading import Proposal
from autograder.cli.console import console, notes
from autograder.cli.grading import GradeOptions
from autograder.cli.live import show_board
from autograder.store import Regrade

_MOST_ROWS = 60  # of a table that people read; `--json` has them all
_WAYS = {
    "kept": "from kept verdicts",
    "replayed": "with the changed tests run on kept values and models",
    "restored": "with the notebook run again, its trainings given back",
    "graded": "graded anew",
}


def rescore(assessment: str, options: GradeOptions, since: str) -> int:
    """Score again what an earlier bundle graded, and show who changes; nothing counts yet."""
    book = options.open_book(assessment)
    with show_board(f"{assessment}: regrade") as board:
        proposal = pipeline.propose_regrade(book, board, since)
    regrade = proposal.regrade
    differences = pipeline.list_differences(book, regrade) if regrade else []
    changed = [item for item in differences if item.points or item.reasons]
    if options.as_json:
        console.print_json(data=_as_data(proposal, changed, len(differences)))
    else:
        _tell(assessment, proposal, changed, len(differences))
    return 1 if proposal.failed else 0


def settle(assessment: str, options: GradeOptions, *, back: bool) -> int:
    """Apply the latest proposal, or take the latest applied one back."""
    book = options.open_book(assessment)
    done = pipeline.settle_regrade(book, back=back)
    if options.as_json:
        console.print_json(data=done.model_dump(mode="json"))
        return 0
    word = "taken back; the earlier results count again" if back else "applied"
    console.print(f"{assessment}: regrade of {_count(done)} {word}.", highlight=False)
    console.print(f"Class page:     {book.folder / 'class.html'}", soft_wrap=True, highlight=False)
    if not back:
        step = f"autograder regrade {assessment} --rollback"
        console.print(f"To take it back: {step}", soft_wrap=True, highlight=False)
    return 0


def _tell(assessment: str, proposal: Proposal, changed: Sequence[Difference], total: int) -> None:
    if proposal.regrade is None and not proposal.failed:
        console.print(f"{assessment}: every result is of the present bundle; nothing to do.")
        return
    table = Table(show_edge=False)
    table.add_column("submission", overflow="fold")
    table.add_column("before", justify="right", no_wrap=True)
    table.add_column("after", justify="right", no_wrap=True)
    table.add_column("change", justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    order = sorted(changed, key=lambda item: (-abs(item.points), item.submission))
    for item in order[:_MOST_ROWS]:
        table.add_row(
            escape(item.submission),
            f"{item.before:g}",
            f"{item.after:g}",
            _write_change(item.points),
            escape("; ".join(item.reasons)),
        )
    if changed:
        console.print(table)
    if len(order) > _MOST_ROWS:
        console.print(f"… and {len(order) - _MOST_ROWS} more; `--json` lists all.")
    moved = sum(bool(item.points) for item in changed)
    console.print(f"{moved} of {total} scores change; {len(changed) - moved} only in detail.")
    for way, count in proposal.ways.items():
        console.print(f"  {count} {_WAYS.get(way, way)}", highlight=False)
    for name, reason in proposal.failed.items():
        notes.print(f"[magenta]{escape(name)}[/] keeps its result: {escape(reason[:400])}")
    if proposal.regrade is None:
        return
    console.print(
        f"Nothing counts yet. To let it count: autograder regrade {assessment} --apply",
        soft_wrap=True,
        highlight=False,
    )


def _write_change(points: float) -> str:
    if not points:
        return "[dim]0[/]"
    return f"[green]+{points:g}[/]" if points > 0 else f"[red]−{-points:g}[/]"


def _count(regrade: Regrade) -> str:
    return f"{regrade.submissions} submission{'s' if regrade.submissions != 1 else ''}"


def _as_data(proposal: Proposal, changed: Sequence[Difference], total: int) -> dict[str, Any]:
    regrade = proposal.regrade
    return {
        "regrade": regrade.model_dump(mode="json") if regrade else None,
        "submissions": total,
        "ways": dict(proposal.ways),
        "failed": proposal.failed,
        "changes": [
            {
                "submission": item.submission,
                "before": item.before,
                "after": item.after,
                "reasons": list(item.reasons),
            }
            for item in changed
        ],
    }
