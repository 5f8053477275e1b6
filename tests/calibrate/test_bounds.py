from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from autograder.calibrate.bounds import (
    bound_above,
    bound_below,
    bound_rate,
    compute_binomial_sd,
    compute_tolerance_factor,
    count_runs,
)


@pytest.mark.parametrize(("count", "factor"), [(10, 3.981), (20, 3.295), (30, 3.064)])
def test_tolerance_factors_are_the_published_ones(count, factor):
    assert compute_tolerance_factor(count) == pytest.approx(factor, abs=0.001)


@pytest.mark.parametrize(("count", "rate"), [(10, 0.259), (300, 0.010)])
def test_runs_without_a_failure_bound_its_rate(count, rate):
    assert bound_rate(0, count) == pytest.approx(rate, abs=0.0005)


def test_a_rate_of_one_percent_needs_299_runs():
    assert count_runs(0.01) == 299
    assert bound_rate(0, 299) <= 0.01 < bound_rate(0, 298)


def test_a_hidden_set_of_a_thousand_has_an_error_of_its_own():
    assert compute_binomial_sd(0.90, 1000) == pytest.approx(0.0095, abs=0.00005)


def test_what_only_the_hidden_set_spreads_is_added_in_variance():
    values = list(stats.norm(0.9, 0.01).ppf(np.linspace(0.02, 0.98, 30)))
    sd = float(np.std(values, ddof=1))
    found = bound_below(values, 2 * sd)
    assert found.factor == pytest.approx(3.064, abs=0.001)
    assert found.value == pytest.approx(np.mean(values) - 3.064 * sd * math.sqrt(5), abs=1e-4)


def test_equal_values_get_the_bound_that_assumes_nothing():
    found = bound_below([0.75] * 10)
    assert (found.value, found.factor, found.normality) == (0.75, None, None)
    assert found.rate == bound_rate(0, 10)


def test_a_few_values_get_a_factor_that_is_large_however_they_lie():
    values = [0.5, 0.5001, 0.5002, 0.5, 0.6]
    found = bound_above(values)
    assert found.normality < 0.05
    assert found.factor == pytest.approx(5.741, abs=0.001), "the published one for 5"
    assert found.value > max(values) + 0.1


def test_many_values_that_are_not_normal_keep_the_rate_at_one_percent():
    values = list(np.random.default_rng(1).exponential(size=700))
    found = bound_above(values)
    assert found.factor is None
    assert found.rate <= 0.01
    assert sorted(values)[-3] == found.value, "the third greatest of 700 will do"


def draw(name, generator, size):
    if name == "normal":
        return generator.normal(0.9, 0.01, size)
    if name == "skewed":
        return 0.95 - generator.exponential(0.02, size)
    low = generator.random(size) < 0.3
    return np.where(low, generator.normal(0.6, 0.02, size), generator.normal(0.9, 0.01, size))


@pytest.mark.parametrize("name", ["normal", "skewed", "two humps"])
@pytest.mark.parametrize("runs", [30, 320])
def test_the_stated_rate_of_false_fails_holds(name, runs):
    """Calibrates 200 times, each time runs 300 more, and counts those that fail full marks."""
    generator = np.random.default_rng(runs)
    failures, promised, tried = 0, 0.0, 0
    for _ in range(200):
        bound = bound_below(list(draw(name, generator, runs)))
        fresh = draw(name, generator, 300)
        failures += int((fresh < bound.value).sum())
        promised += bound.rate * len(fresh)
        tried += len(fresh)
    worst = bound_rate(failures, tried)
    print(f"{name}, {runs} runs: {failures} of {tried} fail, at most {worst:.2%} (95 %)")
    assert worst <= promised / tried
    if runs == 320:
        assert worst <= 0.01


def test_the_confidence_of_the_tolerance_factor_holds():
    values = np.random.default_rng(7).normal(0.9, 0.01, (4000, 30))
    bounds = values.mean(axis=1) - compute_tolerance_factor(30) * values.std(axis=1, ddof=1)
    held = int((stats.norm(0.9, 0.01).cdf(bounds) <= 0.01).sum())
    assert stats.binomtest(held, 4000, 0.95).pvalue > 0.05
