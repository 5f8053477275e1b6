"""Who is one student, and which of their submissions counts.

Results belong to one student if they share the platform's id together with the name, or the
e-mail address. A name alone proves nothing: two students called 김민수 stay two students.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from autograder.report.export.base import Attempt, LeftOut, Reason, leave_out
from autograder.schema import Result

Group = tuple[Result, ...]
_NEVER = datetime.min.replace(tzinfo=UTC)
_EMAIL = re.compile(r"[\w+\-][\w.%+\-]*@\w[\w.\-]*")


def normalise_name(text: str) -> str:
    """`text` in NFC with single spaces; macOS and old zips hold Hangul in pieces (NFD)."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def is_email(text: str) -> bool:
    """Whether `text` is one plain address; no such text can be a formula that does harm."""
    return _EMAIL.fullmatch(text) is not None


def group_results(results: Sequence[Result]) -> list[Group]:
    """Results of each student, students in the order in which they are first met."""
    people = [member for result in results for member in split_members(result)]
    parents: dict[object, object] = {}

    def find(key: object) -> object:
        while parents.setdefault(key, key) != key:
            key = parents[key]
        return key

    for person in people:
        first, *rest = _identify(person)
        for key in rest:
            parents[find(key)] = find(first)
    groups: dict[object, list[Result]] = {}
    for person in people:
        groups.setdefault(find(_identify(person)[0]), []).append(person)
    return [tuple(group) for group in groups.values()]


def split_members(result: Result) -> list[Result]:
    """One copy of `result` per member of a group's upload, which `submit` joined with commas.

    The addresses tell how many members there are; names and ids follow where there are as many.
    """
    emails = result.email.split(", ")
    if len(emails) < 2 or not all(map(is_email, emails)):
        return [result]
    names = _split(result.student, len(emails), result.student)
    ids = _split(result.platform_id, len(emails), "")
    return [
        result.model_copy(update={"student": name, "email": email, "platform_id": number})
        for name, email, number in zip(names, emails, ids, strict=True)
    ]


def choose_attempt(group: Group, attempt: Attempt) -> tuple[Result | None, list[LeftOut]]:
    """The result of one student that counts, and the others.

    The latest is the one of the highest attempt, then submitted and graded last. Where it has no
    score, an earlier one does not stand in for it. The best is the best of those with a score.
    """
    ordered = sorted(group, key=_tell_order)
    scored = [result for result in ordered if has_score(result)]
    if attempt is Attempt.BEST:
        chosen = max(scored, key=lambda one: (one.score or 0.0, _tell_order(one)), default=None)
    else:
        chosen = ordered[-1] if has_score(ordered[-1]) else None
    left = [_explain(result, attempt) for result in ordered if result is not chosen]
    return chosen, left


def choose_attempts(
    groups: Iterable[Group], attempt: Attempt
) -> tuple[list[Result], list[LeftOut]]:
    """The result of each student that counts, and all others; see `choose_attempt`."""
    choices = [choose_attempt(group, attempt) for group in groups]
    chosen = [result for result, _ in choices if result is not None]
    return chosen, [one for _, left in choices for one in left]


def has_score(result: Result) -> bool:
    """Whether there is a score to export; a grader error has none."""
    return result.outcome == "graded" and result.score is not None and math.isfinite(result.score)


def _explain(result: Result, attempt: Attempt) -> LeftOut:
    if has_score(result):
        detail = f"attempt {result.attempt} is not the {attempt}"
        return leave_out(result, Reason.OTHER_ATTEMPT, detail)
    failed = result.outcome == "grader_error"
    detail = "the grader failed; grade it again" if failed else "nothing in it has a score yet"
    return leave_out(result, Reason.NO_SCORE, detail)


def _tell_order(result: Result) -> tuple[int, datetime, datetime]:
    return result.attempt, result.submitted_at or _NEVER, result.graded_at


def _identify(result: Result) -> list[object]:
    name = normalise_name(result.student)
    keys: list[object] = []
    if result.platform_id:
        keys.append(("id", result.platform_id, name))
    if result.email:
        keys.append(("email", result.email.casefold()))
    return keys or [("submission", result.submission, name)]


def _split(text: str, count: int, otherwise: str) -> list[str]:
    parts = text.split(", ")
    return parts if len(parts) == count else [otherwise] * count
