"""Finds each student in the platform's own list, or says why not.

By the platform's id, if the names agree; by e-mail or login; else by the exact name, where one
row and one student have it. A wrong match gives somebody another's grade, so what is in doubt
stays unmatched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.report.export.base import LeftOut, Reason, leave_out
from autograder.report.export.people import Group, normalise_name

_HANGUL = re.compile(r"[가-힣]")


@dataclass(frozen=True)
class Entry:
    """One row of the platform's list.

    Attributes:
        row: its number among the rows, from 0.
        label: the student as people know the row.
        ids: every id that may stand in a result as `platform_id`.
        addresses: e-mail addresses and logins, case folded.
        names: ways to spell the name; empty where the platform hides names.
    """

    row: int
    label: str
    ids: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Matching:
    """Results of each row that was found, by its number, and results that have none."""

    rows: Mapping[int, Group]
    unmatched: tuple[LeftOut, ...]


def match_groups(groups: Sequence[Group], entries: Sequence[Entry]) -> Matching:
    """The row of each student.

    Two students found in one row by id or e-mail are one: the platform says so. A row that was
    found so is not given to somebody who has only the same name.
    """
    index = _Index(entries)
    rows: dict[int, Group] = {}
    doubts: dict[int, str] = {}
    claims: dict[int, list[int]] = {}
    for number, group in enumerate(groups):
        proven, named = index.find_proven(group), index.find_named(group)
        if len(proven) == 1:
            rows[min(proven)] = rows.get(min(proven), ()) + group
        elif proven:
            doubts[number] = f"id and e-mail lead to different rows: {index.name_rows(proven)}"
        elif len(named) == 1:
            claims.setdefault(min(named), []).append(number)
        else:
            doubts[number] = index.explain(group, named)
    for row, claimants in claims.items():
        problem = index.judge_claim(row, [groups[one] for one in claimants], taken=row in rows)
        if problem:
            doubts.update(dict.fromkeys(claimants, problem))
        else:
            rows[row] = groups[claimants[0]]
    unmatched = [
        leave_out(result, Reason.UNMATCHED, doubts[number])
        for number in sorted(doubts)
        for result in groups[number]
    ]
    return Matching(rows, tuple(unmatched))


def spell_name(text: str) -> frozenset[str]:
    """Ways in which `text`, maybe written "family, given", is the same name."""
    name = normalise_name(text)
    family, comma, given = (part.strip() for part in name.partition(","))
    spellings = {name}
    if comma and family and given and "," not in given:
        spellings.add(f"{given} {family}")
        if _HANGUL.search(name):
            spellings.add(f"{family}{given}")
    return frozenset(spellings - {""})


def agree(name: str, entry: Entry) -> bool:
    """Whether `name` has the letters of the row's name, in whatever order and case.

    Downloads carry names without spaces in lower case (`kimseoyeon` for "Kim, Seoyeon").
    """
    return not entry.names or any(_squash(name) == _squash(other) for other in entry.names)


class _Index:
    """The rows by id, by address and by name."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = {entry.row: entry for entry in entries}
        self._ids = _index((number, entry.row) for entry in entries for number in entry.ids)
        self._addresses = _index((one, entry.row) for entry in entries for one in entry.addresses)
        self._names = _index((name, entry.row) for entry in entries for name in entry.names)

    def find_proven(self, group: Group) -> frozenset[int]:
        """Rows that have an id, with the name, or an address of the student."""
        by_id = {
            row
            for result in group
            for row in self._ids.get(result.platform_id, ())
            if agree(result.student, self._entries[row])
        }
        addresses = {result.email.casefold() for result in group}
        return frozenset(by_id.union(*(self._addresses.get(one, ()) for one in addresses)))

    def find_named(self, group: Group) -> frozenset[int]:
        """Rows that have exactly the student's name."""
        names = {normalise_name(result.student) for result in group}
        return frozenset().union(*(self._names.get(name, ()) for name in names))

    def judge_claim(self, row: int, claimants: Sequence[Group], *, taken: bool) -> str:
        """Why the name alone does not give `row` to who claims it; empty if it does."""
        if len(claimants) > 1:
            return f"{len(claimants)} students have this name, and only the name to be told by"
        if taken:
            return "the row of this name belongs to a student found by id or e-mail"
        known = {one for one in self._entries[row].addresses if "@" in one}
        own = {result.email.casefold() for result in claimants[0] if result.email}
        if known and own:
            return f"the row of this name has another e-mail address: {min(known)}"
        return ""

    def explain(self, group: Group, named: frozenset[int]) -> str:
        """Why a student was found neither by id nor by name."""
        if named:
            return f"{len(named)} rows have this name, and no id or e-mail tells which is meant"
        others = self.name_rows(
            frozenset(row for result in group for row in self._ids.get(result.platform_id, ()))
        )
        if others:
            return f"the id {group[0].platform_id} belongs to another name there: {others}"
        return "no row has this id, e-mail address or name"

    def name_rows(self, rows: frozenset[int]) -> str:
        """The students of `rows`, for a message."""
        return ", ".join(self._entries[row].label for row in sorted(rows))


def _index(pairs: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for key, row in pairs:
        if key:
            found.setdefault(key, set()).add(row)
    return found


def _squash(name: str) -> list[str]:
    folded = unicodedata.normalize("NFC", name).casefold()
    return sorted(mark for mark in folded if mark.isalnum())
