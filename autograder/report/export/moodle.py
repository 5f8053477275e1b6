"""`moodle`: grades with feedback, for an assignment's worksheet or for the gradebook.

With the assignment's grading worksheet as roster, that worksheet filled in: Moodle then keeps the
grades in the assignment. Otherwise a CSV for the gradebook's import. What Moodle does with them,
and so what is written ("Grade import", "Assignment settings", docs.moodle.org; Moodle's
`grade/import/csv/classes/load_data.php` and `mod/assign/feedback/offline/locallib.php`):

- Feedback without a grade wipes the grade, so the two always stand together.
- The gradebook's import stops as a whole at an unknown user, and gives a row without user to the
  student of the row before, so each row has an address.
- Addresses are compared with case, so the roster's spelling is kept.
- Feedback is read as HTML.
- A worksheet's row is found by its identifier alone; an empty or unchanged grade is passed over,
  as is one above the maximum or one that is locked.
- A byte-order mark is stripped, so there is one: Excel needs it for Hangul.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.errors import UsageError
from autograder.report.export.base import (
    Export,
    ExportOptions,
    Reason,
    leave_out,
)
from autograder.report.export.caveats import list_caveats
from autograder.report.export.people import (
    Group,
    choose_attempts,
    group_results,
    is_email,
)
from autograder.report.export.selection import select_results
from autograder.report.export.summary import summarise_result
from autograder.report.export.table import disarm_cell, fill_cells, write_score
from autograder.report.export.worksheet import (
    EMAIL,
    FEEDBACK,
    GRADE,
    ID_NUMBER,
    MAXIMUM,
    READ_COLUMNS,
    MoodleList,
    read_moodle_list,
    read_number,
)
from autograder.report.grades import write_table
from autograder.schema import Result
from autograder.schema.assessment import VisibilityConfig

_DIGITS = 5  # as many decimals as Moodle keeps of a grade
_MOST_POINTS = 100  # Moodle's `gradepointmax` where grades are not unlimited
_NO_ROSTER = (
    "Without --roster nobody was checked: one e-mail address that Moodle does not know, also for "
    "its upper and lower case, stops the whole import. Download the assignment's grading worksheet "
    "and give it with --roster."
)


@dataclass(frozen=True)
class _Row:
    """A student in the gradebook's CSV, as Moodle knows them."""

    email: str
    number: str
    result: Result


class MoodleExporter:
    """One file: the worksheet filled in, or a CSV for the gradebook."""

    def export(self, results: Sequence[Result], options: ExportOptions) -> Export:
        """See `Exporter`. With a roster, students come in its order."""
        groups = group_results(results)
        if options.roster is None:
            return _export_plain(groups, options)
        roster = read_moodle_list(options.roster)
        entries, attempt = roster.list_entries(), options.attempt
        chosen, left = select_results(groups, entries, attempt, roster.find_refusal)
        notes = [*_list_notes(list(chosen.values()), options), *_compare_points(roster, chosen)]
        if roster.is_worksheet:
            if options.column:
                raise UsageError("a grading worksheet has one column for the grade; omit --column")
            rows = _fill_worksheet(roster, chosen, options.visibility)
        else:
            known = [_identify(roster, row, result) for row, result in chosen.items()]
            rows = _write_gradebook(known, options)
        files = _make_files(rows, options)
        return Export(files, tuple(chosen.values()), tuple(left), tuple(notes))


def _export_plain(groups: Sequence[Group], options: ExportOptions) -> Export:
    """Rows for students whose e-mail address is known."""
    chosen, left = choose_attempts(groups, options.attempt)
    known = [result for result in chosen if is_email(result.email)]
    left += [
        leave_out(result, Reason.UNMATCHED, "no e-mail address in the download; give --roster")
        for result in chosen
        if not is_email(result.email)
    ]
    rows = _write_gradebook([_Row(result.email, "", result) for result in known], options)
    notes = (_NO_ROSTER, *_list_notes(known, options))
    return Export(_make_files(rows, options), tuple(known), tuple(left), notes)


def _fill_worksheet(
    roster: MoodleList, chosen: Mapping[int, Result], visibility: VisibilityConfig
) -> list[list[str]]:
    """The whole worksheet; cells that Moodle reads are as they were unless a score fills them.

    The others, such as a name or a text that a student typed, get an apostrophe where a
    spreadsheet would run them: Moodle ignores them.
    """
    table = roster.table
    kept = {table.find(name) for name in READ_COLUMNS}
    grade, feedback = table.find(GRADE), table.find(FEEDBACK)
    rows = [list(table.head)]
    for number, cells in enumerate(table.rows):
        row = [cell if i in kept else disarm_cell(cell) for i, cell in enumerate(cells)]
        result = chosen.get(number)
        if result is not None and grade is not None:
            filled = {grade: write_score(result.score or 0.0, _DIGITS)}
            if feedback is not None:
                filled[feedback] = summarise_result(result, visibility)
            row = fill_cells(row, filled)
        rows.append(row)
    return rows


def _identify(roster: MoodleList, row: int, result: Result) -> _Row:
    read = roster.table.read
    cells = roster.table.rows[row]
    return _Row(read(cells, EMAIL), read(cells, ID_NUMBER), result)


def _write_gradebook(known: Sequence[_Row], options: ExportOptions) -> list[list[str]]:
    item = options.column or options.title
    rows = [[EMAIL, ID_NUMBER, disarm_cell(item), disarm_cell(f"{item} feedback")]]
    for one in known:
        score = write_score(one.result.score or 0.0, _DIGITS)
        feedback = summarise_result(one.result, options.visibility)
        rows.append([one.email, one.number, score, feedback])
    return rows


def _compare_points(roster: MoodleList, chosen: Mapping[int, Result]) -> list[str]:
    table = roster.table
    cells = (read_number(table.read(table.rows[row], MAXIMUM)) for row in chosen)
    maxima = {maximum for maximum in cells if maximum is not None}
    points = {round(result.points, _DIGITS) for result in chosen.values()}
    notes = []
    if maxima and maxima != points:
        there, here = (", ".join(f"{one:g}" for one in sorted(some)) for some in (maxima, points))
        notes.append(
            f"Moodle's maximum grade is {there}, the results have {here} points. Scores are "
            "exported as they are, not scaled."
        )
    if roster.is_worksheet and table.find(FEEDBACK) is None:
        notes.append(
            "The worksheet has no “Feedback comments”: turn them on in the assignment's settings "
            "if students shall get the summary."
        )
    return notes


def _list_notes(chosen: Sequence[Result], options: ExportOptions) -> list[str]:
    notes = []
    if any((result.score or 0.0) > _MOST_POINTS for result in chosen):
        notes.append(
            f"Some scores are above {_MOST_POINTS}: Moodle's gradebook import stops at them unless "
            "its administrator allows unlimited grades."
        )
    return [*notes, *list_caveats(chosen, options)]


def _make_files(rows: Sequence[Sequence[str]], options: ExportOptions) -> dict[str, bytes]:
    return {f"{options.assessment}-moodle.csv": write_table(rows).encode("utf-8-sig")}
