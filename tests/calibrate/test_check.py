from __future__ import annotations

import pytest

from autograder.calibrate.check import check_question
from autograder.schema.calibration import Run
from tests.calibrate.test_judge import draw, judge

RIGHT = draw("solution", "reference", 0.9, 0.01)
WRONG = draw("failed/a", "failed", 0.6, 0.02, 5, bounds=True)


def fail(series, case, start=0, stop=None):
    """The series with the case failed by its runs from `start` to `stop`."""
    runs = list(series.runs)
    runs[start:stop] = [run.model_copy(update={"failed": (case,)}) for run in runs[start:stop]]
    return series.model_copy(update={"runs": tuple(runs)})


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
    (answer,) = checked.answers
    assert (answer.runs, answer.missed, checked.wrong_runs) == (300, misses, 2)
    assert answer.bound == pytest.approx(bound, abs=2e-4)
    assert (checked.is_broken, checked.passed) == (broken, {})


def test_a_wrong_reference_that_gets_through_is_named_unless_tests_tell_it_apart():
    found = judge(RIGHT, WRONG).found
    through = rerun(WRONG, 0.6, 0.95)
    assert check_question(found, [RIGHT, through]).passed == {"failed/a": 1}
    aside = rerun(WRONG, 0.6, 0.95, bounds=False)
    assert check_question(found, [RIGHT, aside]).passed == {"failed/a": 1}, "no test tells"
    excused = through.model_copy(update={"excused": True})
    assert check_question(found, [RIGHT, excused]).passed == {}
    assert check_question(found, [RIGHT, fail(aside, "q4-1")]).passed == {}


def test_a_test_case_that_a_right_answer_fails_with_some_seeds_breaks_the_promise():
    found = judge(RIGHT, WRONG).found
    checked = check_question(found, [fail(rerun(RIGHT, *[0.9] * 40), "q4-2", 3, 7)])
    assert (checked.answers[0].missed, checked.is_broken) == (4, True)
    (remark,) = checked.remarks
    assert remark.startswith("q4-2 fails in 4 of 40 runs of the solution: a right one may fail")


def test_a_test_case_that_tells_a_mistake_apart_by_luck_is_named():
    found = judge(RIGHT, WRONG).found
    checked = check_question(found, [RIGHT, fail(rerun(WRONG, *[0.95] * 5), "q4-1", 1)])
    assert checked.passed == {"failed/a": 1}
    (remark,) = checked.remarks
    assert remark.startswith("q4-1 fails in 4 of 5 runs of failed/a, which may get full marks in")


def test_other_right_answers_are_held_to_the_promise_too():
    found = judge(RIGHT, WRONG).found
    other = draw("full_score/other", "full_score", 0.9, 0.01)
    checked = check_question(found, [RIGHT, rerun(other, *[0.9] * 20), rerun(WRONG, 0.6)])
    assert [item.name for item in checked.answers] == ["solution", "full_score/other"]
    assert not checked.is_broken
    low = check_question(found, [RIGHT, rerun(other, *[0.8] * 5, *[0.9] * 15)])
    assert [item.is_broken for item in low.answers] == [False, True]
    assert low.is_broken
