"""What the commands about variants do and say."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from autograder.calibrate.bounds import SHARE
from autograder.cli.console import console, count_progress
from autograder.course import Course
from autograder.services import Choice
from autograder.variants.allocation import find_secret
from autograder.variants.build import build_pool
from autograder.variants.equivalence import Compared, Equivalence, Measure
from autograder.variants.hand_out import ALLOCATION_FILE
from autograder.variants.hand_out import hand_out as give
from autograder.variants.handed_out import read_handed_out
from autograder.variants.misses import FailedTests, Misses
from autograder.variants.pool import Built, PoolFolder, find_pool, need_pool
from autograder.variants.record import Record, read_record
from autograder.variants.roster import read_roster
from autograder.variants.trial import Plan, PoolTrial
from autograder.variants.verification import PLOT_FILE, Verification, verify_pool

_MOST_TEXT = 240
_TOLD_MISSES = 3
_LEAST_RATE = 0.0005  # what is less would be told as 0.0 %
_COLOURS = {"built": "dim", "failed": "red", "dropped": "yellow", "verified": "green"}


@dataclass(frozen=True)
class VerifyOptions:
    """Options of `verify`; see there."""

    references: Sequence[str] = ()
    seeds: int = 5
    keep: bool = False
    again: bool = False


@dataclass(frozen=True)
class AllocateOptions:
    """Options of `allocate`; see there."""

    roster: Path
    output: Path
    column: str = ""
    secret: Path | None = None


def build(course: Course, assessment: str, count: int | None) -> PoolFolder | None:
    """Build `count` variants; as many as there are for None, so none where there are none."""
    known = find_pool(course, assessment) if count is None else None
    wanted = len(known.pool.variants) if known else count
    if not wanted:
        return None
    with count_progress(f"{assessment}: variants", wanted) as counter:
        return build_pool(course, assessment, wanted, counter.advance)


def make_row(pool: PoolFolder | None) -> dict[str, Any]:
    """A pool that was built, for `--json`."""
    return {"variants": [item.name for item in pool.pool.variants]} if pool else {}


def tell_built(pool: PoolFolder | None) -> None:
    """Say what was built, and the next step."""
    if pool is not None:
        name = pool.pool.assessment
        _say(
            f"[green]✓[/] {name}: {len(pool.pool.variants)} variants in {escape(str(pool.folder))}"
        )
        _say(f"  Before students get them: autograder variants verify {name}")


def tell_list(assessment: str, course: Path, *, as_json: bool) -> int:
    """List the pool."""
    pool = need_pool(Course(course), assessment)
    records = {item.name: read_record(pool.folder, item) for item in pool.pool.variants}
    counts = Counter(read_handed_out(pool.folder).by_student.values())
    if as_json:
        rows = [
            _as_data(item, records[item.name], counts[item.name]) for item in pool.pool.variants
        ]
        console.print_json(data={"assessment": assessment, "variants": rows})
        return 0
    table = Table(title=assessment, title_justify="left", show_edge=False)
    for name in ("variant", "state", "students", "values"):
        table.add_column(name, overflow="fold")
    for item in pool.pool.variants:
        record = records[item.name]
        table.add_row(item.name, _colour(record), str(counts[item.name]), _write_values(item))
    console.print(table)
    _tell_reasons(records)
    return 0


def tell_one(assessment: str, variant: str, course: Path, *, as_json: bool) -> int:
    """Show one variant."""
    pool = need_pool(Course(course), assessment)
    chosen = pool.choose(variant)
    record = read_record(pool.folder, chosen)
    students = Counter(read_handed_out(pool.folder).by_student.values())[chosen.name]
    if as_json:
        data = _as_data(chosen, record, students)
        console.print_json(
            data=data | record.model_dump(mode="json", include={"references", "runs"})
        )
        return 0
    _say(f"[bold]{chosen.name}[/] {_colour(record)} {escape(record.reason)}")
    for name, value in chosen.values.items():
        _say(f"  {name} = {escape(repr(value))}")
    _say(f"  students: {students}")
    _say(f"  files:    {escape(str(pool.folder / chosen.name))}")
    for key, judged in record.references.items():
        sign = "[red]✗[/]" if judged.complaints else "[green]✓[/]"
        _say(f"  {sign} {escape(key)} {escape('; '.join(judged.complaints))}")
    for run in record.runs:
        value = "–" if run.value is None else f"{run.value:.4f}"
        failed = f", fails {', '.join(run.failed)}" if run.failed else ""
        _say(f"  training {run.seed + 1} of {run.question}: {value} in {run.seconds:.1f} s{failed}")
    return 0


def verify(
    assessment: str, course: Path, choice: Choice, options: VerifyOptions, *, as_json: bool
) -> int:
    """Verify the pool; exit code 1 where a variant may not be used."""
    here = Course(course)
    pool = need_pool(here, assessment)
    folder = here.folder / "solutions" / assessment / "reference"
    plan = Plan(folder, options.references, options.seeds, options.again)
    services = choice.make()
    total = PoolTrial(pool, services, plan).count(pool.pool.variants)
    with count_progress(f"{assessment}: variants", total) as counter:
        done = verify_pool(pool, services, plan, counter.advance, keep=options.keep)
    bad = sum(record.state != "verified" for record in done.records.values())
    if as_json:
        console.print_json(data=_verification_data(pool, done))
    else:
        _tell_verification(pool, done)
    return 1 if bad else 0


def _tell_verification(pool: PoolFolder, done: Verification) -> None:
    if done.equivalence is not None:
        tell_equivalence(done.equivalence)
        _tell_misses(done.misses)
    _tell_failed_tests(done.failed_tests)
    _tell_reasons(done.records)
    states = Counter(record.state for record in done.records.values())
    _say(f"{pool.pool.assessment}: " + ", ".join(f"{n} {state}" for state, n in states.items()))
    if done.equivalence is not None and done.equivalence.rows:
        _say(f"Plot: {escape(str(pool.folder / PLOT_FILE))}")


def tell_equivalence(equivalence: Equivalence) -> None:
    """Write a table for each measure."""
    for rows in equivalence.group_rows():
        console.print(_tabulate(equivalence, rows))


def _tabulate(equivalence: Equivalence, rows: Sequence[Compared]) -> Table:
    """Every variant in one measure."""
    measure = rows[0].measure
    title = f"{measure.name}, margin {_write_margin(measure)}"
    table = Table(title=escape(title), title_justify="left", show_edge=False)
    for name in ("", "variant", "mean", "from the others (90 %)"):
        table.add_column(name, no_wrap=True)
    for row in rows:
        sign = "[green]✓[/]" if equivalence.is_good(row) else "[red]✗[/]"
        table.add_row(sign, row.variant, *_write_row(row))
    return table


def _tell_misses(misses: Sequence[Misses]) -> None:
    """Say how often a right solution misses the full mark, worst variant first."""
    for question in dict.fromkeys(item.question for item in misses):
        own = [item for item in misses if item.question == question]
        worst = sorted(own, key=lambda item: -item.bound)
        sign = "[green]✓[/]" if worst[0].rate <= 1 - SHARE else "[yellow]![/]"
        told = ", ".join(
            f"{item.variant} {_write_rate(item.rate)}" for item in worst[:_TOLD_MISSES]
        )
        _say(
            f"{sign} {question}: the solution misses the full mark of {own[0].full_marks_at:.4g} "
            f"most often on {told} (at most {_write_rate(worst[0].bound)}, 95 %)"
        )


def _write_rate(rate: float) -> str:
    return "<0.1%" if rate < _LEAST_RATE else f"{rate:.1%}"


def _tell_failed_tests(found: Sequence[FailedTests]) -> None:
    """Say how often a right solution fails a test."""
    for item in found:
        sign = "[red]✗[/]" if item.failed else "[green]✓[/]"
        _say(
            f"{sign} {item.question}: the solution fails a test in {item.failed} of {item.runs} "
            f"trainings (at most {item.bound:.1%}, 95 %)"
        )


def _write_margin(measure: Measure) -> str:
    return f"×{math.exp(measure.margin):.2f}" if measure.is_ratio else f"±{measure.margin:.3f}"


def _write_row(row: Compared) -> tuple[str, str]:
    """Mean, and difference with its interval."""
    if row.measure.is_ratio:
        low, high = math.exp(row.low), math.exp(row.high)
        difference = f"×{math.exp(row.difference):.2f} (×{low:.2f} … ×{high:.2f})"
        return f"{math.exp(row.mean):.2f} s", difference
    return f"{row.mean:.3f}", f"{row.difference:+.3f} ({row.low:+.3f} … {row.high:+.3f})"


def _verification_data(pool: PoolFolder, done: Verification) -> dict[str, Any]:
    counts = Counter(read_handed_out(pool.folder).by_student.values())
    rows = done.equivalence.rows if done.equivalence else ()
    return {
        "assessment": pool.pool.assessment,
        "variants": [
            _as_data(item, done.records[item.name], counts[item.name])
            for item in pool.pool.variants
        ],
        "equivalence": [
            {
                "variant": row.variant,
                "measure": row.measure.name,
                "is_ratio": row.measure.is_ratio,
                "margin": row.measure.margin,
                "mean": row.mean,
                "difference": row.difference,
                "interval": [row.low, row.high],
                "p_value": row.p_value,
                "equivalent": row.equivalent,
            }
            for row in rows
        ],
        "misses": [asdict(item) for item in done.misses],
        "failed_tests": [asdict(item) for item in done.failed_tests],
    }


def hand_out(assessment: str, course: Path, options: AllocateOptions, *, as_json: bool) -> int:
    """Give students their variants."""
    pool = need_pool(Course(course), assessment)
    students = read_roster(options.roster, options.column)
    secret = find_secret(pool.folder, options.secret)
    with count_progress(f"{assessment}: students", len(students)) as counter:
        allocation, made = give(pool, students, secret, options.output, counter.advance)
    if as_json:
        rows = [{"student": one.student, "variant": one.variant, "file": one.file} for one in made]
        data = {"output": str(options.output), "students": rows, "moved": dict(allocation.moved)}
        console.print_json(data=data)
        return 0
    counts = Counter(one.variant for one in made)
    for name, count in counts.most_common():
        _say(f"  {name}  {count} student{'s' if count != 1 else ''}")
    for student, earlier in allocation.moved.items():
        now = allocation.variants[student]
        _say(f"[yellow]![/] {escape(student)} had {earlier}, which is in use no more; gets {now}")
    _say(
        f"[green]✓[/] {len(made)} students, {len(allocation.new)} of them new; zips and "
        f"{ALLOCATION_FILE} are in {escape(str(options.output))}"
    )
    return 0


def _as_data(variant: Built, record: Record, students: int) -> dict[str, Any]:
    return {
        "variant": variant.name,
        "values": variant.values,
        "bundle": variant.bundle,
        "state": record.state,
        "reason": record.reason,
        "references_graded": len(record.references),
        "students": students,
    }


def _tell_reasons(records: Mapping[str, Record]) -> None:
    for name, record in records.items():
        if record.reason:
            _say(f"{_colour(record)} {name}: {escape(record.reason)}")


def _colour(record: Record) -> str:
    return f"[{_COLOURS[record.state]}]{record.state}[/]"


def _write_values(variant: Built) -> str:
    text = ", ".join(f"{name} = {value}" for name, value in variant.values.items())
    return escape(text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + "…")


def _say(text: str) -> None:
    console.print(text, soft_wrap=True, highlight=False)
