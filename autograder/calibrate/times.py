"""Time limits that the times of references allow: the rule of Kattis' problem packages."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograder.schema.calibration import RIGHT_ROLES, Series, Times

_RIGHT_FACTOR = 2.0  # the slowest right reference gets so many times its own time
_SLOW_FACTOR = 1.5  # the fastest that must not finish needs so many times the limit
_RESOLUTION_SECONDS = 1.0


def judge_times(series: Sequence[Series]) -> Times:
    """Reference seconds of one question, and the limits they allow.

    `slowest right one x 2.0 <= limit` and `limit x 1.5 <= fastest of time_limit/`; the limit is a
    multiple of one second. Where `least_limit` is over `most_limit` there is none.

    Args:
        series: of the question; one of them is the reference's.
    """
    reference = next(item for item in series if item.role == "reference")
    taken = [run.reference_seconds for run in reference.runs]
    slowest = max(_list_seconds(series, *RIGHT_ROLES))
    slow = _list_seconds(series, "time_limit")
    most = None
    if slow:
        steps = math.floor(min(slow) / _SLOW_FACTOR / _RESOLUTION_SECONDS + 1e-9)
        most = steps * _RESOLUTION_SECONDS
    steps = math.ceil(slowest * _RIGHT_FACTOR / _RESOLUTION_SECONDS - 1e-9)
    return Times(
        mean_seconds=round(sum(taken) / len(taken), 3),
        max_seconds=round(max(taken), 3),
        slowest_seconds=round(slowest, 3),
        fastest_seconds=round(min(slow), 3) if slow else None,
        least_limit=max(1, steps) * _RESOLUTION_SECONDS,
        most_limit=most,
    )


def _list_seconds(series: Sequence[Series], *roles: str) -> list[float]:
    return [run.reference_seconds for item in series if item.role in roles for run in item.runs]
