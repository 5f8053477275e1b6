"""Reads the CSV that Canvas exports (Gradebook > Export) and finds what an import needs of it.

Its columns, in Canvas's order: the student's name in one or two, `ID`, then `SIS User ID`,
`SIS Login ID`, `Integration ID` and `Root Account` where the account has them, `Section`, then
one per assignment, titled `Title (12345)`. Its first rows may be one about manual posting, and
one whose first cell is `    Points Possible`, which holds the points of each assignment, or
`(read only)`. Sources: "How do I export grades in the Gradebook?" and "How do I import grades in
the Gradebook?" (Canvas Instructor Guide, community.canvaslms.com), and Canvas's own
`lib/gradebook_exporter.rb` and `lib/gradebook_importer.rb`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.report.export.base import ExportOptions, RosterFile
from autograder.report.export.matching import Entry, spell_name
from autograder.report.export.people import normalise_name
from autograder.report.export.table import Table, check_table, find_repeated, read_table

NAME_COLUMNS = ("Student", "LastName", "FirstName")
ID_COLUMNS = ("ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account")
POINTS_ROW = "Points Possible"

# Canvas skips every column whose title holds one of these words, whoever made it.
_CALCULATED = re.compile(
    "|".join(f"{kind} {what}" for kind in ("Current", "Final") for what in ("Score", "Points"))
    + "|(?:Current|Final|Override) Grade|Override (?:Score|Status)"
)
_TITLE_ID = re.compile(r"\s*\(\d+\)$")
_POSTING = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)
_SKIPPED = (
    "Canvas skips a column called {title!r}, since it takes it for one that it calculates; give "
    "the assignment another title in Canvas first"
)
_FIX = "Export it from Canvas again (Gradebook > Export), and give that file as it is."


@dataclass(frozen=True)
class Gradebook:
    """The roster, and its column for the score.

    Attributes:
        table: as exported.
        students: numbers of the rows of `table` that stand for a student.
        points_row: number of the row of points; None where there is none.
        column: number of the column for the score; None if Canvas has none yet.
    """

    table: Table
    students: tuple[int, ...]
    points_row: int | None
    column: int | None

    @property
    def points(self) -> str:
        """What Canvas says can be earned; empty where it says nothing."""
        if self.points_row is None or self.column is None:
            return ""
        return self.table.rows[self.points_row][self.column].strip()

    def read_score(self, row: int) -> str:
        """What stands in the column for the score."""
        return "" if self.column is None else self.table.rows[row][self.column].strip()

    def list_entries(self) -> list[Entry]:
        """The students, to be found by id, login or name."""
        return [self._make_entry(number) for number in self.students]

    def _make_entry(self, number: int) -> Entry:
        row, read = self.table.rows[number], self.table.read
        name = read_name(self.table, row)
        ids = (read(row, column) for column in ID_COLUMNS[:3])
        login = read(row, "SIS Login ID").casefold()
        return Entry(number, name, frozenset(ids), frozenset({login}), spell_name(name))


def read_gradebook(file: RosterFile, options: ExportOptions) -> Gradebook:
    """The gradebook in `file`, with the column that `options` name.

    Raises:
        UsageError: listing everything wrong with it, or if the column is not there.
    """
    table = read_table(file)
    problems = [*_list_missing(table), *table.problems, *find_repeated(table, "ID")]
    points_row = next(
        (number for number, row in enumerate(table.rows) if _is_points_row(table, row)), None
    )
    students = tuple(
        number
        for number, row in enumerate(table.rows)
        if number != points_row and not all(_POSTING.fullmatch(cell) for cell in row)
    )
    if table.find("ID") is not None:
        problems += [
            f"the row of {read_name(table, table.rows[number])!r} has no number as ID"
            for number in students
            if not table.read(table.rows[number], "ID").isdecimal()
        ]
    column, complaints = _find_column(table, options)
    book = Gradebook(table, students, points_row, column)
    if re.search(r"read\s+only", book.points):
        complaints.append(f"Canvas calls the column {table.head[column or 0]!r} read only")
    check_table(file, [*problems, *complaints], _FIX)
    return book


def read_name(table: Table, row: Sequence[str]) -> str:
    """The student's name, "family, given" where Canvas keeps it in two columns.

    Canvas writes a name that begins with an equals sign as `="…"`.
    """
    if table.find("Student") is not None:
        name = table.read(row, "Student")
    else:
        parts = (table.read(row, column) for column in ("LastName", "FirstName"))
        name = ", ".join(part for part in parts if part)
    return name[2:-1] if is_wrapped(name) else name


def is_wrapped(text: str) -> bool:
    """Whether `text` is Canvas's own way to keep a name from running as a formula."""
    return text.startswith('="') and text.endswith('"') and text.count('"') == 2


def is_ignored(title: str) -> bool:
    """Whether Canvas takes a column of this title for one that it calculates, and skips it."""
    return _CALCULATED.search(title) is not None


def _list_missing(table: Table) -> list[str]:
    names = "Student" in table.head or {"LastName", "FirstName"} <= set(table.head)
    missing = [name for name in ("ID", "Section") if name not in table.head]
    missing = missing if names else ["Student", *missing]
    return [f"there is no column {name!r}" for name in missing]


def _is_points_row(table: Table, row: Sequence[str]) -> bool:
    return POINTS_ROW in row[0] and not table.read(row, "ID")


def _find_column(table: Table, options: ExportOptions) -> tuple[int | None, list[str]]:
    """Number of the column for the score, and what is wrong with it."""
    known = {*NAME_COLUMNS, *ID_COLUMNS, "Section"}
    places = [number for number, title in enumerate(table.head) if title and title not in known]
    wanted = normalise_name(options.column or options.title)
    found = [number for number in places if wanted == normalise_name(table.head[number])]
    found = found or [
        number
        for number in places
        if wanted == _TITLE_ID.sub("", normalise_name(table.head[number]))
    ]
    titles = [table.head[number] for number in places if not is_ignored(table.head[number])]
    if len(found) > 1:
        twice = ", ".join(repr(table.head[number]) for number in found)
        return None, [f"several columns fit {wanted!r}: {twice}; name one with --column"]
    if not found and options.column:
        there = ", ".join(map(repr, titles)) or "none"
        return None, [f"there is no column {options.column!r} (--column); there are: {there}"]
    column = found[0] if found else None
    title = wanted if column is None else table.head[column]
    if is_ignored(title):
        return None, [_SKIPPED.format(title=title)]
    return column, []
