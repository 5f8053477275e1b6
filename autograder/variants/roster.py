"""Reads a roster: a CSV with a line for each student, of a platform or a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.report.export.base import RosterFile
from autograder.report.export.people import normalise_name
from autograder.report.export.table import Table, check_table, find_repeated, read_table

COLUMNS = (  # the first that is there is the student's id; the others are further names
    "SIS User ID",
    "SIS Login ID",
    "ID number",
    "Student ID",
    "Username",
    "Email address",
    "Email",
    "ID",
    "Student",
    "Name",
)
_HEADINGS = ("points possible", "student, test")  # rows of Canvas that are nobody


@dataclass(frozen=True)
class Enrolled:
    """A student of a roster: the id that the variant goes by, and other names."""

    student: str
    also: tuple[str, ...] = ()


def read_roster(path: Path, column: str = "") -> list[Enrolled]:
    """Students of a roster, in its order.

    Args:
        path: the CSV.
        column: which column holds the ids; the first of `COLUMNS` that is there where it is empty.

    Raises:
        UsageError: listing everything wrong with it.
    """
    try:
        file = RosterFile(str(path), path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or type(error).__name__}") from error
    table = read_table(file)
    names = _find_columns(table, path, column)
    rows = [row for row in table.rows if not _is_heading(row)]
    problems = [*table.problems, *find_repeated(Table(table.head, tuple(rows)), names[0])]
    found = [_read_row(table, row, names) for row in rows]
    nameless = sum(not one.student for one in found)
    if nameless:
        problems.append(f"{nameless} rows have no {names[0]!r}")
    if not found:
        problems.append("it names no student")
    check_table(file, problems, "Correct it, or name another column by --column.")
    return found


def _find_columns(table: Table, path: Path, column: str) -> list[str]:
    """Names of the columns that say who a student is, that of the ids first."""
    heads = {normalise_name(head).casefold(): head for head in table.head}
    wanted = [name for name in (column, *COLUMNS) if normalise_name(name).casefold() in heads]
    if not wanted or (column and wanted[0] != column):
        missing = f"called {column!r}" if column else f"such as {', '.join(COLUMNS[:4])}"
        known = ", ".join(table.head)
        raise UsageError(f"{path} has no column {missing}; it has {known}: use --column NAME")
    return list(dict.fromkeys(heads[normalise_name(name).casefold()] for name in wanted))


def _is_heading(row: Sequence[str]) -> bool:
    return bool(row) and row[0].strip().casefold() in _HEADINGS


def _read_row(table: Table, row: Sequence[str], names: Sequence[str]) -> Enrolled:
    first, *others = (normalise_name(table.read(row, name)) for name in names)
    return Enrolled(first, tuple(dict.fromkeys(text for text in others if text and text != first)))
