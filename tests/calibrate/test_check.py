from __future__ import annotations

import pytest

from autograder.calibrate.check import check_question
from autograder.schema.calibration import Run
from tests.calibrate.test_judge import draw, judge

RIGHT = draw("solution", "reference", 0.9, 0.01)
WRONG = draw("failed/a", "failed", 0.6, 0.02, 5, bounds=True)


def rerun(series, *values, **options):
    runs = [Run(seed=100 + i, value=value, reference_seconds=1.0) for i, value in enumerate(values)]
    return series.model_copy(update={"runs": tuple(runs), **options})


@pytest.mark.parametrize(
    ("misses", "bound", "broken"), [(0, 0.0099, False), (3, 0.0256, False), (9, 0.0518, True)]
)
def test_misses_of_fresh_runs_are_counted_and_bounded(misses, bound, broken):
    found = judge(RIGHT, WRONG).found
    fresh = rerun(
        RIGHT, *[0.5] * (misses // 2), *[None] * (misses - misses // 2), *[0.9] * (300 - misses)
    )
    checked = check_question(found, [fresh, rerun(WRONG, 0.6, 0.7)])
    assert (checked.runs, checked.missed, checked.wrong_runs) == (300, misses, 2)
    assert checked.bound == pytest.approx(bound, abs=2e-4)
    assert (checked.is_broken, checked.passed) == (broken, {})


def test_a_wrong_reference_that_gets_through_is_named_unless_tests_tell_it_apart():
    found = judge(RIGHT, WRONG).found
    through = rerun(WRONG, 0.6, 0.95)
    assert check_question(found, [RIGHT, through]).passed == {"failed/a": 1}
    aside = rerun(WRONG, 0.6, 0.95, bounds=False)
    assert check_question(found, [RIGHT, aside]).passed == {}
