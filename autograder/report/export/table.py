"""Reads a CSV that a platform or a spreadsheet wrote, and writes one that they can read.

Excel in Korea saves CSV in cp949, and "Unicode text" in UTF-16 with tabs; Canvas writes
semicolons where commas are decimal marks. All of these are read.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from autograder.errors import UsageError
from autograder.report.export.base import RosterFile
from autograder.report.grades import is_formula

_DELIMITERS = ",;\t"
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Table:
    """A CSV with a header.

    Attributes:
        head: names of the columns, without spaces around them.
        rows: cells of each row that is not blank, as many as there are columns.
        problems: what is wrong with it, one sentence each.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    problems: tuple[str, ...] = ()

    def find(self, name: str) -> int | None:
        """Number of the column called `name`, from 0; None if there is none."""
        return self.head.index(name) if name in self.head else None

    def read(self, row: Sequence[str], name: str) -> str:
        """The cell of `row` in the column called `name`, stripped; empty without that column."""
        index = self.find(name)
        return "" if index is None else row[index].strip()


def read_table(file: RosterFile) -> Table:
    """The table in `file`; rows that are too short or too long are problems of it.

    Raises:
        UsageError: if it cannot be read as text or as CSV at all.
    """
    text = _decode(file)
    rows = _parse(file, text)
    if not rows:
        raise UsageError(f"{file.name} is empty; export it from the platform again")
    (_, first), *others = rows
    head = tuple(cell.strip() for cell in first)
    problems = [
        f"line {line} has {len(row)} cells and the header has {len(head)}"
        for line, row in others
        if len(row) != len(head)
    ]
    problems += [
        f"there are two columns called {name!r}"
        for name in dict.fromkeys(head)
        if name and head.count(name) > 1
    ]
    kept = tuple(tuple(row) for _, row in others if len(row) == len(head))
    return Table(head, kept, tuple(problems))


def check_table(file: RosterFile, problems: Sequence[str], fix: str) -> None:
    """Raise one error for all `problems` of `file`; `fix` is what to do about them.

    Raises:
        UsageError: if there is a problem.
    """
    if problems:
        lines = "".join(f"\n  - {problem}" for problem in problems)
        raise UsageError(f"{file.name} cannot be used as the roster:{lines}\n{fix}")


def find_repeated(table: Table, name: str) -> list[str]:
    """One problem for each value that stands twice in the column called `name`."""
    counts = Counter(value for row in table.rows if (value := table.read(row, name)))
    return [
        f"{name} {value!r} stands in {count} rows" for value, count in counts.items() if count > 1
    ]


def write_score(score: float, digits: int = 2) -> str:
    """`score` with at most `digits` decimals, a half rounded up; no thousands separators."""
    step = Decimal(1).scaleb(-digits)
    rounded = f"{Decimal(repr(float(score))).quantize(step, ROUND_HALF_UP):f}"
    trimmed = rounded.rstrip("0").rstrip(".") if "." in rounded else rounded
    return "0" if trimmed == "-0" else trimmed


def disarm_cell(text: str) -> str:
    """`text`, with an apostrophe before it if a spreadsheet would run it as a formula.

    For cells that the platform does not read back: no other sign of them changes. A lone dash,
    Moodle's word for "never", runs nothing.
    """
    runs = is_formula(text) and any(mark.isalnum() for mark in text)
    return f"'{text}" if runs else text


def fill_cells(row: Sequence[str], cells: Mapping[int, str]) -> list[str]:
    """Copy of `row` with the `cells` of these columns."""
    return [cells.get(index, cell) for index, cell in enumerate(row)]


def _decode(file: RosterFile) -> str:
    content = file.content
    if content.startswith(b"PK"):
        raise UsageError(f"{file.name} is an Excel workbook or a zip; save it as CSV")
    for encoding in _guess_encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UsageError(
        f"{file.name} is not text in UTF-8, UTF-16 or cp949; save it as “CSV UTF-8”, or give the "
        "file as the platform wrote it"
    )


def _guess_encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith(_UTF16_MARKS):
        return ("utf-16",)
    if b"\0" in content[:2]:
        return ("utf-16-be",) if content.startswith(b"\0") else ("utf-16-le",)
    return ("utf-8-sig", "cp949")


def _parse(file: RosterFile, text: str) -> list[tuple[int, list[str]]]:
    """Rows that are not blank, each with the number of the line it ends on."""
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        where = f"line {reader.line_num}"
        raise UsageError(f"{file.name} is not a CSV file ({where}: {error})") from error
