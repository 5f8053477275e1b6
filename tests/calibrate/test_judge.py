from __future__ import annotations

import numpy as np
import pytest

from autograder.calibrate.judge import judge_question
from autograder.schema import Question, TrainingSpec
from autograder.schema.calibration import Run, Series


def draw(name, role, mean, sd, count=30, **options):
    """Runs with values of that mean and SD, evenly spread; see `Series` for options."""
    failed = options.pop("failed", ())
    z = np.linspace(-1.7, 1.7, count)
    values = mean + sd * (z - z.mean()) / z.std(ddof=1)
    runs = [
        Run(seed=i, value=float(value), reference_seconds=2.0, failed=failed)
        for i, value in enumerate(values)
    ]
    return Series(name=name, role=role, runs=tuple(runs), **options)


def judge(*series, examples=1000, **options):
    full = 0.0 if options.get("lower_is_better") else 1.0
    spec = TrainingSpec(full_marks_at=full, no_marks_below=1 - full, **options)
    return judge_question(Question(name="q4", points=1, training=spec), "key", examples, series)


def test_thresholds_lie_outside_the_bands_of_both():
    right, wrong = (0.9, 0.01), (0.6, 0.02)
    found = judge(
        draw("solution", "reference", *right), draw("failed/a", "failed", *wrong, bounds=True)
    )
    assert found.problems == ()
    thresholds = found.found.thresholds
    assert thresholds.hidden_sd == pytest.approx(0.0095, abs=1e-4)
    spread = np.hypot(0.01, 0.0095)
    assert thresholds.full_marks_at == pytest.approx(0.9 - 3.064 * spread, abs=0.002)
    assert thresholds.no_marks_below == pytest.approx(
        0.6 + 3.064 * np.hypot(0.02, np.sqrt(0.24 / 1000)), abs=0.002
    )
    assert thresholds.full_marks_at <= 0.9 - 3.063 * spread, "rounded for the student"


def test_a_metric_where_less_is_better_is_mirrored():
    options = {"metric": "mean_absolute_error", "lower_is_better": True}
    found = judge(
        draw("solution", "reference", 2.0, 0.1),
        draw("failed/a", "failed", 5.0, 0.2, bounds=True),
        **options,
    )
    thresholds = found.found.thresholds
    assert found.problems == ()
    assert thresholds.hidden_sd == 0, "it is no share of examples"
    assert thresholds.full_marks_at == pytest.approx(2.0 + 3.064 * 0.1, abs=0.05)
    assert thresholds.no_marks_below == pytest.approx(5.0 - 3.064 * 0.2, abs=0.05)


def test_overlapping_bands_are_refused_and_what_does_not_bound_is_not_in_the_way():
    right = draw("solution", "reference", 0.9, 0.01)
    near = draw("failed/near", "failed", 0.87, 0.02, bounds=True)
    (problem,) = judge(right, near, examples=100_000).problems
    assert "reference/failed/near (q4): reaches 0.93" in str(problem)
    assert "no threshold tells them apart" in problem.what
    assert '`baseline = []` under ["failed/near"]' in problem.fix
    aside = near.model_copy(update={"bounds": False, "remark": "a test case tells it apart"})
    assert judge(right, aside, examples=100_000).problems == ()


def test_a_hidden_set_too_small_for_the_gap_is_named_with_one_that_would_do():
    right = draw("solution", "reference", 0.90, 0.004)
    wrong = draw("failed/a", "failed", 0.82, 0.004, bounds=True)
    (problem,) = judge(right, wrong, examples=200).problems
    assert "the hidden set of 200 examples is too small" in problem.what
    needed = int(problem.fix.split()[2].replace(",", ""))
    assert judge(right, wrong, examples=needed).problems == ()
    assert judge(right, wrong, examples=needed // 2).problems != ()


def test_values_that_are_not_normal_get_an_order_statistic_and_its_honest_rate():
    low, high = (draw("solution", "reference", mean, 0.005, 15).runs for mean in (0.7, 0.9))
    right = Series(name="solution", role="reference", runs=(*low, *high))
    found = judge(right, metric="r2_score", examples=100).found
    assert found.thresholds.factor is None
    assert found.thresholds.false_fail_rate == pytest.approx(0.095, abs=0.001)
    assert found.thresholds.full_marks_at <= min(right.values)
    (text,) = [remark for remark in found.remarks if "not normal" in remark]
    assert "the runs of the solution are not normal: 30 bound its rate" in text
    assert "at 9.5%; 269 more would bound it at 1%" in text


def test_the_weakest_right_answer_sets_the_full_mark():
    solution = draw("solution", "reference", 0.95, 0.005)
    weak = draw("full_score/weak", "full_score", 0.92, 0.007)
    wrong = draw("failed/a", "failed", 0.6, 0.02, bounds=True)
    thresholds = judge(solution, weak, wrong).found.thresholds
    assert thresholds.weakest_right == "full_score/weak"
    sd = np.hypot(0.007, np.sqrt(0.92 * 0.08 / 1000))
    assert thresholds.full_marks_at == pytest.approx(0.92 - 3.064 * sd, abs=0.006)
    assert (thresholds.mean, thresholds.runs) == (pytest.approx(0.95), 30), "students are told this"
    alone = judge(solution, wrong).found.thresholds
    assert alone.weakest_right == "solution"
    assert alone.full_marks_at > thresholds.full_marks_at
    near = draw("failed/near", "failed", 0.88, 0.01, bounds=True)
    (problem,) = judge(solution, weak, near, examples=100_000).problems
    assert "and full_score/weak is only sure of 0.89" in str(problem)


def test_the_least_sure_right_answer_tells_the_rate_though_another_is_weaker():
    low, high = (draw("solution", "reference", mean, 0.002, 15).runs for mean in (0.93, 0.97))
    solution = Series(name="solution", role="reference", runs=(*low, *high))
    weak = draw("full_score/weak", "full_score", 0.85, 0.01)
    found = judge(solution, weak, metric="r2_score").found
    assert found.thresholds.weakest_right == "full_score/weak"
    assert found.thresholds.factor == pytest.approx(3.064, abs=0.001)
    assert found.thresholds.false_fail_rate == pytest.approx(0.095, abs=0.001)
    assert any("the runs of the solution are not normal" in text for text in found.remarks)


def test_a_right_answer_that_is_the_solution_once_more_adds_nothing():
    low, high = (draw("solution", "reference", mean, 0.005, 150).runs for mean in (0.7, 0.9))
    solution = Series(name="solution", role="reference", notebook="n", runs=(*low, *high))
    again = Series(name="full_score/again", role="full_score", notebook="n", runs=high[:30])
    thresholds = judge(solution, again, metric="r2_score").found.thresholds
    assert thresholds.false_fail_rate == pytest.approx(0.01, abs=0.0005), "300 runs, not 30"


def test_a_wrong_reference_that_gets_full_marks_is_told_unless_a_test_fails():
    right = draw("solution", "reference", 0.9, 0.01)
    through = draw("failed/through", "failed", 0.9, 0.01, 5, remark="its label says so")
    caught = draw("failed/caught", "failed", 0.9, 0.01, 5, failed=("q4-1",), remark="a test tells")
    half = draw("partial/half", "partial", 0.7, 0.01, 5)
    remarks = "\n".join(judge(right, through, caught, half).found.remarks)
    assert "failed/through gets full marks in 5 of 5 runs" in remarks
    assert "caught" not in remarks
    assert "half" not in remarks


def test_seeds_without_a_value_tests_that_fail_sometimes_and_others_misses_are_told():
    right = draw("solution", "reference", 0.9, 0.01)
    lost = Run(seed=3, value=None, reference_seconds=1.0, outcome="time_limit")
    runs = [lost if run.seed == 3 else run for run in right.runs]
    runs[5] = runs[5].model_copy(update={"failed": ("q4-2",)})
    found = judge(
        right.model_copy(update={"runs": tuple(runs)}),
        draw("full_score/other", "full_score", 0.7, 0.001, 5),
        draw("full_score/rare", "full_score", 0.9, 0.01, 2),
    )
    assert "gives no value with seed 3 (time_limit)" in str(found.problems[0])
    remarks = "\n".join(found.found.remarks)
    assert "q4-2 fails in 1 of 30 runs of the solution" in remarks
    assert "the solution misses the full mark in 1 of 30 runs" in remarks
    assert "full_score/other sets the full mark with 5 runs only" in remarks
    assert "full_score/rare has 2 values, too few to bound anything" in remarks
    assert "no wrong reference bounds `no_marks_below`" in remarks


def test_equal_values_are_suspected_of_a_seed_of_the_notebooks_own():
    right = draw("solution", "reference", 0.9, 0.0)
    remarks = judge(right).found.remarks
    assert "a seed of its own" in remarks[0]
    assert not any("not normal" in remark for remark in remarks)


def test_no_time_limit_between_right_and_slow_ones_is_a_problem():
    right = draw("solution", "reference", 0.9, 0.01)
    runs = (Run(seed=0, reference_seconds=5.0),)
    slow = Series(name="time_limit/loop", role="time_limit", runs=runs)
    (problem,) = judge(right, slow).problems
    assert "no time limit fits: a right reference takes 2.0 s and needs a limit of 4 s" in str(
        problem
    )
