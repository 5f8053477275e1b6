from __future__ import annotations

import pytest

from autograder.calibrate.times import judge_times
from autograder.schema.calibration import Run, Series


def series(role, *seconds):
    runs = tuple(Run(seed=i, reference_seconds=taken) for i, taken in enumerate(seconds))
    return Series(name=role, role=role, runs=runs)


@pytest.mark.parametrize(
    ("right", "slow", "least", "most"),
    [
        ((2.0, 3.0), (), 6, None),
        ((2.0, 3.01), (), 7, None),
        ((0.1,), (), 1, None),
        ((2.0, 3.0), (9.0,), 6, 6),
        ((2.0, 3.0), (30.0, 12.0), 6, 8),
        ((2.0, 3.0), (8.9,), 6, 5),
    ],
)
def test_a_limit_is_twice_the_slowest_right_one_and_two_thirds_of_the_slow_one(
    right, slow, least, most
):
    found = judge_times([series("reference", *right), series("time_limit", *slow)])
    assert (found.least_limit, found.most_limit) == (least, most)
    assert found.mean_seconds == pytest.approx(sum(right) / len(right))


def test_other_right_references_count_as_slowest_and_wrong_ones_do_not():
    found = judge_times(
        [series("reference", 1.0), series("full_score", 4.0), series("failed", 90.0)]
    )
    assert (found.slowest_seconds, found.max_seconds, found.least_limit) == (4, 1, 8)
