"""Reads the lists that Moodle exports, by which students are found.

Either an assignment's grading worksheet (`Identifier`, `Full name`, `Email address`, `Status`,
`Grade`, `Maximum Grade`, …, `Feedback comments`), or any export with `Email address` (the
gradebook's, or the list of participants). Moodle names columns in the language of whoever
exports, and finds them again by the same names. Sources: "Offline grading worksheet" in
"Assignment settings" and "Grade import" (docs.moodle.org), and Moodle's own
`mod/assign/gradingtable.php` and `mod/assign/feedback/offline/importgradeslib.php`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.report.export.base import RosterFile
from autograder.report.export.matching import Entry, spell_name
from autograder.report.export.table import Table, check_table, find_repeated, read_table
from autograder.schema import Result

IDENTIFIER = "Identifier"
GRADE = "Grade"
MAXIMUM = "Maximum Grade"
MODIFIED = "Last modified (grade)"
CHANGEABLE = "Grade can be changed"
FEEDBACK = "Feedback comments"
EMAIL = "Email address"
ID_NUMBER = "ID number"

# What Moodle reads of a worksheet; it ignores all other cells.
READ_COLUMNS = (IDENTIFIER, GRADE, MODIFIED, FEEDBACK)
_PARTICIPANT = re.compile(r"\D*(\d+)")
_FIX = (
    "Set your language in Moodle to English, export the file again, and give it as it is: the "
    "assignment's “Download grading worksheet”, or the gradebook's “Export > Plain text file”."
)


@dataclass(frozen=True)
class MoodleList:
    """A roster of Moodle; `is_worksheet` tells which of the two kinds it is."""

    table: Table
    is_worksheet: bool

    def list_entries(self) -> list[Entry]:
        """The students, to be found by participant number, ID number, e-mail or name."""
        return [self._make_entry(number, row) for number, row in enumerate(self.table.rows)]

    def find_refusal(self, row: int, result: Result) -> str:
        """Why Moodle would pass over the score of `result` in this row; empty if it would not."""
        cells, read = self.table.rows[row], self.table.read
        if not self.is_worksheet:
            return "" if read(cells, EMAIL) else "the list has no e-mail address in this row"
        if read(cells, CHANGEABLE) == "No":
            return "the grade is locked or overridden in Moodle's gradebook"
        maximum = read_number(read(cells, MAXIMUM))
        if maximum is not None and (result.score or 0.0) > maximum:
            return f"above the assignment's maximum grade of {maximum:g}"
        return ""

    def _make_entry(self, number: int, row: Sequence[str]) -> Entry:
        read = self.table.read
        full = read(row, "Full name")
        first, last = read(row, "First name"), read(row, "Last name") or read(row, "Surname")
        name = full or ", ".join(part for part in (last, first) if part)
        participant = _PARTICIPANT.fullmatch(read(row, IDENTIFIER))
        ids = {read(row, ID_NUMBER), participant[1] if participant else ""}
        address = read(row, EMAIL).casefold()
        label = name or read(row, IDENTIFIER)
        return Entry(number, label, frozenset(ids), frozenset({address}), spell_name(name))


def read_moodle_list(file: RosterFile) -> MoodleList:
    """The worksheet or list in `file`.

    Raises:
        UsageError: listing everything wrong with it.
    """
    table = read_table(file)
    problems = list(table.problems)
    is_worksheet = IDENTIFIER in table.head
    if is_worksheet:
        problems += [
            f"there is no column {name!r}" for name in (GRADE, MODIFIED) if table.find(name) is None
        ]
        problems += find_repeated(table, IDENTIFIER)
        problems += [
            f"{table.read(row, IDENTIFIER)!r} is no identifier; Moodle writes “Participant 123”"
            for row in table.rows
            if not _PARTICIPANT.fullmatch(table.read(row, IDENTIFIER))
        ]
        if "Scale" in table.head:
            problems.append("the assignment is graded with a scale; set its grade type to “Point”")
    elif EMAIL in table.head:
        problems += find_repeated(table, EMAIL)
    else:
        problems.append(f"there is neither a column {IDENTIFIER!r} nor {EMAIL!r}")
    check_table(file, problems, _FIX)
    return MoodleList(table, is_worksheet)


def read_number(text: str) -> float | None:
    """The number in a cell of Moodle, also with a decimal comma; None if it is none."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
