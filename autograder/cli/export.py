"""The command that writes grades for a learning platform."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from autograder import pipeline
from autograder.bulk.gradebook import Gradebook
from autograder.cli.console import console, notes, write_score
from autograder.course import Course
from autograder.errors import UsageError
from autograder.plugins import load_plugin
from autograder.report.clean import clean_text
from autograder.report.export import Attempt, Export, Exporter, ExportOptions, Reason, RosterFile
from autograder.report.writer import write_draft
from autograder.schema import Result
from autograder.services import Choice, Place

_MOST_ROWS = 40  # of a table that people read; `--json` has them all


@dataclass(frozen=True)
class ExportCommand:
    """Options of `autograder export`.

    Attributes:
        course: the course folder.
        results: folder of the results; the course's own where None.
        output: the file to write; `<results>/export/<id>-<target>.csv` where None.
        roster: the platform's list of students.
        column: the platform's column for the score.
        attempt: `latest` or `best`.
        as_json: whether to write JSON for machines.
        place: where results are kept.
    """

    course: Path
    results: Path | None = None
    output: Path | None = None
    roster: Path | None = None
    column: str = ""
    attempt: str = "latest"
    as_json: bool = False
    place: Place = field(default_factory=Place)


def export(assessment: str, target: str, command: ExportCommand) -> int:
    """Write the files; exit code 1 where somebody's score is missing from them.

    Raises:
        UsageError: if there are no results, or the roster, column, target or path cannot be used.
    """
    course = Course(command.course)
    exporter: Exporter = load_plugin("exporters", target)()
    bundle = course.find_bundle(assessment).bundle
    book = Gradebook(course, assessment, Choice(place=command.place).make(), command.results)
    folder = book.folder
    results = pipeline.load_results(book)
    if not results:
        raise UsageError(f"there are no results in {folder}; grade first, or name it by --results")
    options = ExportOptions(
        assessment=assessment,
        title=bundle.title,
        language=bundle.config.language,
        visibility=bundle.config.visibility,
        attempt=_read_attempt(command.attempt),
        roster=_read_roster(command.roster),
        column=command.column,
    )
    made = exporter.export(results, options)
    files = _place_files(made, command.output, folder / "export") if made.exported else {}
    _write_files(files)
    tell = _tell_json if command.as_json else _tell
    tell(made, list(files))
    missing = any(one.reason is not Reason.OTHER_ATTEMPT for one in made.left_out)
    return 1 if missing or not made.exported else 0


def _read_attempt(name: str) -> Attempt:
    if name not in list(Attempt):
        raise UsageError(f"--attempt is {' or '.join(Attempt)}, not {name!r}")
    return Attempt(name)


def _read_roster(path: Path | None) -> RosterFile | None:
    if path is None:
        return None
    try:
        return RosterFile(path.name, path.read_bytes())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"--roster {path}: {reason}; check the path") from error


def _place_files(made: Export, output: Path | None, folder: Path) -> dict[Path, bytes]:
    """Content by path: the main file as `output` says, the others beside it."""
    main, *others = made.files
    first = output or folder / main
    return {first: made.files[main]} | {first.parent / name: made.files[name] for name in others}


def _write_files(files: Mapping[Path, bytes]) -> None:
    """Put all `files` in place once all are wholly on the disk."""
    with ExitStack() as drafts:
        try:
            folders = [path for path in files if path.is_dir()]
            if folders:
                raise UsageError(f"{folders[0]} is a folder; --output names the file to write")
            pairs = [(write_draft(path, content, drafts), path) for path, content in files.items()]
            for draft, path in pairs:
                draft.replace(path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            where = error.filename or next(iter(files))
            raise UsageError(f"{where}: {reason}; name a place to write by --output") from error


def _tell_json(made: Export, paths: Sequence[Path]) -> None:
    data: dict[str, Any] = {
        "files": [str(path) for path in paths],
        "exported": [
            {
                "submission": result.submission,
                "student": result.student,
                "attempt": result.attempt,
                "score": result.score,
                "points": result.points,
            }
            for result in made.exported
        ],
        "left_out": [
            {
                "submission": one.submission,
                "student": one.student,
                "reason": one.reason,
                "detail": one.detail,
            }
            for one in made.left_out
        ],
        "notes": list(made.notes),
    }
    console.print_json(data=data)


def _tell(made: Export, paths: Sequence[Path]) -> None:
    console.print(_tabulate(made))
    missing = [one for one in made.left_out if one.reason is not Reason.OTHER_ATTEMPT]
    if missing:
        console.print()
        table = Table(title="Not in the file", title_justify="left", show_edge=False)
        for name in ("student", "submission", "why", "detail"):
            table.add_column(name, overflow="fold")
        for one in missing[:_MOST_ROWS]:
            cells = (one.student, one.submission, one.reason.value, one.detail)
            table.add_row(*(escape(clean_text(cell)) for cell in cells))
        console.print(table)
        if len(missing) > _MOST_ROWS:
            console.print(f"… and {len(missing) - _MOST_ROWS} more; --json lists all")
    for note in made.notes:
        notes.print(f"[yellow]Note:[/] {escape(clean_text(note))}", highlight=False)
    console.print()
    for path in paths:
        console.print(f"File: {path}", soft_wrap=True, highlight=False, markup=False)
    if not paths:
        notes.print("[red]✗[/] nobody's score can be exported; nothing was written")


def _tabulate(made: Export) -> Table:
    counts = Counter(one.reason for one in made.left_out)
    table = Table(show_header=False, show_edge=False, box=None)
    table.add_column(justify="right")
    table.add_row(str(len(made.exported)), f"exported{_tell_range(made.exported)}")
    for reason in Reason:
        if counts[reason]:
            table.add_row(str(counts[reason]), f"left out: {reason.value}")
    return table


def _tell_range(exported: Sequence[Result]) -> str:
    """The least and the greatest score, to be seen at a glance."""
    scores = sorted((result.score or 0.0, result.points) for result in exported)
    if not scores:
        return ""
    return f", from {write_score(*scores[0])} to {write_score(*scores[-1])}"
