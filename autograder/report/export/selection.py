"""Which result goes into which row of the platform's list, and which into none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.report.export.base import Attempt, LeftOut, Reason, leave_out
from autograder.report.export.matching import Entry, match_groups
from autograder.report.export.people import Group, choose_attempt
from autograder.schema import Result

Refuse = Callable[[int, Result], str]


def select_results(
    groups: Sequence[Group], entries: Sequence[Entry], attempt: Attempt, refuse: Refuse
) -> tuple[dict[int, Result], list[LeftOut]]:
    """The result for each row that gets one, by the row's number and in its order; all others.

    Args:
        groups: results of each student.
        entries: rows of the platform's list.
        attempt: which result of a student counts.
        refuse: tells why the platform would not take a result in a row; empty if it would.
    """
    matching = match_groups(groups, entries)
    selected: dict[int, Result] = {}
    left = list(matching.unmatched)
    for row in sorted(matching.rows):
        result, others = choose_attempt(matching.rows[row], attempt)
        left += others
        refusal = "" if result is None else refuse(row, result)
        if result is not None and refusal:
            left.append(leave_out(result, Reason.REFUSED, refusal))
        elif result is not None:
            selected[row] = result
    return selected, left
