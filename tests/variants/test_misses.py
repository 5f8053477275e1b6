"""Rates of misses per variant: known cases, and whether the bound holds."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.calibrate.bounds import compute_tolerance_factor
from autograder.variants.misses import bound_failed_tests, bound_misses
from autograder.variants.record import Run


def test_the_bound_is_that_of_the_tolerance_factor():
    z = np.linspace(-1, 1, 30)
    z = (z - z.mean()) / z.std(ddof=1)
    factor = compute_tolerance_factor(30)
    (alone,) = bound_misses("q4", {"a": list(0.9 + 0.01 * z)}, 0.9 - factor * 0.01)
    assert alone.bound == pytest.approx(0.01, rel=1e-3)
    assert alone.rate < 0.0015
    assert alone.mean == pytest.approx(0.9)


def test_a_harder_variant_has_more_misses_and_all_share_their_spread():
    steps = np.array([-0.01, 0.0, 0.01])
    runs = {"a": list(0.92 + steps), "b": list(0.88 + steps), "c": list(0.80 + steps)}
    a, b, c = bound_misses("q4", runs, 0.87)
    assert a.rate < 1e-6
    assert a.bound < b.bound < c.bound
    assert b.rate == pytest.approx(0.1587, abs=1e-3), "one SD above the mark"
    assert c.rate == pytest.approx(1.0, abs=1e-6)
    turned = bound_misses(
        "q4",
        {name: [-value for value in own] for name, own in runs.items()},
        -0.87,
        lower_is_better=True,
    )
    assert [item.bound for item in turned] == pytest.approx([a.bound, b.bound, c.bound])


@pytest.mark.parametrize(("mark", "rate"), [(0.8, 0.0), (0.95, 1.0)])
def test_runs_without_spread_hit_or_miss(mark, rate):
    (found,) = bound_misses("q4", {"a": [0.9, 0.9, 0.9]}, mark)
    assert (found.rate, found.bound) == (rate, rate)


@pytest.mark.parametrize("mark", [-50.0, 0.5, 60.0])
def test_marks_far_away_are_certain(mark):
    (found,) = bound_misses("q4", {"a": [0.9, 0.91, 0.92]}, mark)
    assert found.bound == pytest.approx(1.0 if mark > 1 else 0.0, abs=0.02)


def test_the_bound_holds_for_nineteen_of_twenty():
    random = np.random.default_rng(0)
    true = 0.02275  # two SD above the mark
    held = 0
    for _ in range(400):
        runs = {name: list(random.normal(2.0, 1.0, 5)) for name in "abcdefgh"}
        held += bound_misses("q4", runs, 0.0)[0].bound >= true
    assert 0.92 <= held / 400 <= 0.98


def test_failed_tests_are_counted_by_training_and_question():
    clean = [Run(question="q4", seed=seed, value=0.9, seconds=2.0) for seed in range(39)]
    unlucky = Run(question="q4", seed=39, value=0.9, seconds=2.0, failed=("q4-3", "q4-5"))
    other = Run(question="q6", seed=0, value=0.9, seconds=2.0)
    unjudged = Run(question="q4", seed=40, value=None, seconds=2.0)
    q4, q6 = bound_failed_tests([*clean, unlucky, unjudged, other])
    assert (q4.question, q4.failed, q4.runs) == ("q4", 1, 40)
    assert q4.bound == pytest.approx(0.1132, abs=1e-4), "Clopper and Pearson's, one-sided"
    assert (q6.question, q6.failed, q6.runs, q6.bound) == ("q6", 0, 1, pytest.approx(0.95))
