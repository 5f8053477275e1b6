"""`canvas`: a CSV for Canvas's Gradebook > Import, with one assignment column.

What Canvas does with it, and so what is written ("How do I import grades in the Gradebook?",
Canvas Instructor Guide, community.canvaslms.com; `lib/gradebook_importer.rb` of canvas-lms):

- A row is matched by `ID`, then by SIS id, login and name. With a roster every row has its `ID`,
  and the identifying columns are those of the roster, so Canvas reads no name.
- A blank over a score counts as a change, so students without a score have no row.
- An unknown title makes a new assignment; `Title (12345)` of the roster names the one there is.
- `Points Possible` changes the assignment's points; the roster's value is kept.
- `1,234` is read as 1.234, so there are no thousands separators; it shows two decimals.
- There is no byte-order mark: Canvas does not strip it, and then does not know `LastName`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from autograder.errors import UsageError
from autograder.report.export.base import (
    Export,
    ExportOptions,
    Reason,
    leave_out,
)
from autograder.report.export.caveats import list_caveats
from autograder.report.export.gradebook import (
    ID_COLUMNS,
    NAME_COLUMNS,
    POINTS_ROW,
    Gradebook,
    is_ignored,
    is_wrapped,
    read_gradebook,
)
from autograder.report.export.people import (
    Group,
    choose_attempts,
    group_results,
    is_email,
)
from autograder.report.export.selection import select_results
from autograder.report.export.table import disarm_cell, write_score
from autograder.report.grades import protect_cell, write_table
from autograder.schema import Result

_PLAIN_HEAD = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_REFUSALS = {
    "N/A": "Canvas has not assigned it to this student",
    "EX": "excused in Canvas; take the excuse back there first",
}
_CALLED_POINTS = "Canvas would take this name for its row of points; enter the score by hand"
# https://github.com/instructure/canvas-lms/issues/2134
_FINAL = (
    "Some versions of Canvas skip every column with “Final” in its title: if the import finds no "
    "changes, give the assignment another title in Canvas."
)
_NO_ROSTER = (
    "Without --roster nobody was checked: Canvas will look for each student by the id in the "
    "download's file names, then by login, then by name. Export the gradebook from Canvas and "
    "give it with --roster."
)


class CanvasExporter:
    """One file, which Canvas imports."""

    def export(self, results: Sequence[Result], options: ExportOptions) -> Export:
        """See `Exporter`. With a roster, students come in its order."""
        groups = group_results(results)
        if options.roster is None:
            return _export_plain(groups, options)
        book = read_gradebook(options.roster, options)
        entries, attempt = book.list_entries(), options.attempt
        chosen, left = select_results(groups, entries, attempt, partial(_find_refusal, book))
        return Export(
            _make_files(_fill_gradebook(book, chosen, options), options),
            tuple(chosen.values()),
            tuple(left),
            _list_notes(book, chosen, options),
        )


def _export_plain(groups: Sequence[Group], options: ExportOptions) -> Export:
    """What is known without a roster; the points of the assignment are left to Canvas."""
    title = options.column or options.title
    if is_ignored(title):
        raise UsageError(f"Canvas skips a column called {title!r}; give another with --column")
    chosen, left = choose_attempts(groups, options.attempt)
    refused = [result for result in chosen if POINTS_ROW in result.student]
    chosen = [result for result in chosen if POINTS_ROW not in result.student]
    rows = [[*_PLAIN_HEAD, disarm_cell(title)]]
    rows += [[*_identify(result), write_score(result.score or 0.0)] for result in chosen]
    left += [leave_out(result, Reason.REFUSED, _CALLED_POINTS) for result in refused]
    new = f"Canvas makes a new assignment {title!r} unless there is one of exactly this title."
    notes = (_NO_ROSTER, new, *list_caveats(chosen, options))
    return Export(_make_files(rows, options), tuple(chosen), tuple(left), notes)


def _identify(result: Result) -> list[str]:
    """Cells of the plain columns; an id that is not a number is not one of Canvas."""
    number = result.platform_id if result.platform_id.isdecimal() else ""
    login = result.email if is_email(result.email) else ""
    return [protect_cell(result.student), number, "", login, ""]


def _find_refusal(book: Gradebook, row: int, _: Result) -> str:
    """Why Canvas would not take any score in this row; empty if it would."""
    if any(POINTS_ROW in cell for cell in book.table.rows[row][:1]):
        return _CALLED_POINTS
    return _REFUSALS.get(book.read_score(row).upper(), "")


def _fill_gradebook(
    book: Gradebook, chosen: Mapping[int, Result], options: ExportOptions
) -> list[list[str]]:
    """Header, row of points, and a row for each student with a score."""
    table = book.table
    columns = [name for name in (*NAME_COLUMNS, *ID_COLUMNS, "Section") if name in table.head]
    places = [table.head.index(name) for name in columns]
    title = disarm_cell(options.title) if book.column is None else table.head[book.column]
    rows = [[*columns, title]]
    if book.points_row is not None and book.column is not None:
        cells = table.rows[book.points_row]
        rows.append([*(cells[place] for place in places), cells[book.column]])
    elif book.column is None:
        points = max((result.points for result in chosen.values()), default=0.0)
        rows.append([f"    {POINTS_ROW}", *[""] * (len(columns) - 1), write_score(points)])
    for row, result in chosen.items():
        cells = table.rows[row]
        own = [_keep_cell(name, cells[place]) for name, place in zip(columns, places, strict=True)]
        rows.append([*own, write_score(result.score or 0.0)])
    return rows


def _keep_cell(column: str, cell: str) -> str:
    """`cell` as in the roster.

    Only a name, which students choose, gets an apostrophe where a spreadsheet would run it: the
    row has an ID, so Canvas reads no name, and an import renames nobody.
    """
    return disarm_cell(cell) if column in NAME_COLUMNS and not is_wrapped(cell) else cell


def _list_notes(
    book: Gradebook, chosen: Mapping[int, Result], options: ExportOptions
) -> tuple[str, ...]:
    points = {write_score(result.points) for result in chosen.values()}
    notes = []
    if book.column is None:
        notes.append(
            f"The gradebook has no assignment {options.title!r}: Canvas will make a new one. If it "
            "has another title there, name it with --column."
        )
    elif points and points != {_read_number(book.points)}:
        notes.append(
            f"Canvas has {book.points or 'no'} points for this assignment, the results "
            f"{', '.join(sorted(points))}. Scores are exported as they are, not scaled."
        )
    title = options.title if book.column is None else book.table.head[book.column]
    if "final" in title.casefold():
        notes.append(_FINAL)
    return (*notes, *list_caveats(chosen.values(), options))


def _read_number(text: str) -> str:
    try:
        return write_score(float(text.replace(",", ".")))
    except ValueError:
        return text


def _make_files(rows: Sequence[Sequence[str]], options: ExportOptions) -> dict[str, bytes]:
    return {f"{options.assessment}-canvas.csv": write_table(rows).encode()}
