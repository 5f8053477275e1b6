import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from autograder.report.class_report.item_analysis import (
    compare_groups,
    correlate,
    estimate_reliability,
    find_alphas,
    measure_item,
    weigh_groups,
)

# Ten answers to three questions, an example often printed; its alpha is 0.773 (0.336 to 0.939).
PRINTED = np.array(
    [
        [1, 1, 1],
        [2, 1, 1],
        [2, 1, 2],
        [3, 2, 1],
        [2, 3, 2],
        [2, 3, 3],
        [3, 2, 3],
        [3, 3, 3],
        [2, 3, 2],
        [3, 3, 3],
    ],
    dtype=float,
)
scores = arrays(
    np.float64, st.tuples(st.integers(10, 30), st.integers(2, 6)), elements=st.integers(0, 10)
)


def test_alpha_and_its_interval_are_those_of_a_printed_example():
    found = estimate_reliability(PRINTED)
    assert found.alpha == pytest.approx(0.7734375)
    assert (round(found.low, 3), round(found.high, 3)) == (0.336, 0.939)
    assert found.standard_error == pytest.approx(
        PRINTED.sum(axis=1).std(ddof=1) * math.sqrt(1 - 0.7734375)
    )


def test_alpha_of_items_of_two_values_is_kuder_and_richardsons_20():
    rights = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]] * 2)
    p, n = rights.mean(axis=0), len(rights)
    variance = rights.sum(axis=1).var(ddof=0)
    by_hand = 4 / 3 * (1 - (p * (1 - p)).sum() / variance)
    assert n == 10
    assert estimate_reliability(rights.astype(float)).alpha == pytest.approx(by_hand)


@given(scores)
@settings(max_examples=60, deadline=None)
def test_alpha_without_an_item_is_alpha_of_the_others(matrix):
    if np.ptp(matrix.sum(axis=1)) == 0 or matrix.shape[1] < 3:
        return
    _, without = find_alphas(matrix)
    for i, value in enumerate(without):
        others = np.delete(matrix, i, axis=1)
        if np.ptp(others.sum(axis=1)) > 0:
            assert value == pytest.approx(find_alphas(others)[0], abs=1e-6)


@given(scores, st.randoms(use_true_random=False), st.floats(0.01, 100))
@settings(max_examples=60, deadline=None)
def test_neither_the_order_of_students_nor_the_scale_of_points_matters(matrix, random, scale):
    order = list(range(len(matrix)))
    random.shuffle(order)
    first, second = estimate_reliability(matrix), estimate_reliability(matrix[order] * scale)
    if first is None:
        assert second is None
    else:
        assert second.alpha == pytest.approx(first.alpha)
        assert second.standard_error == pytest.approx(first.standard_error * scale, abs=1e-9)
    item, rest = matrix[:, 0], matrix[:, 1:].sum(axis=1)
    one, other = measure_item(item, rest), measure_item(item[order], rest[order] * scale)
    assert other.discrimination == pytest.approx(one.discrimination)
    assert other.upper_lower == pytest.approx(one.upper_lower)


def test_discrimination_of_a_test_that_passes_or_fails_is_the_point_biserial_correlation():
    passed = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1, 0.0])
    rest = np.array([9, 8, 8, 7, 6, 6, 5, 5, 4, 3, 3, 1.0])
    found = measure_item(passed, rest)
    assert found.discrimination == pytest.approx(stats.pointbiserialr(passed, rest).statistic)
    # By hand: (mean of those who pass - mean of the others) / SD · √(p·q).
    by_hand = (rest[passed == 1].mean() - rest[passed == 0].mean()) / rest.std() * 0.5
    assert found.discrimination == pytest.approx(by_hand)
    assert found.facility == 0.5


def test_correlation_and_its_chance_are_those_of_scipy_stats():
    first, second = np.random.default_rng(0).normal(size=(2, 25))
    expected = stats.pearsonr(first, second, alternative="less")
    assert correlate(first, second) == pytest.approx((expected.statistic, expected.pvalue))


def test_the_chance_of_a_low_correlation_is_one_sided():
    rising = np.arange(12.0)
    assert correlate(rising, -rising)[1] < 1e-6
    assert correlate(rising, rising)[1] > 0.99


def test_upper_less_lower_is_the_difference_of_the_best_and_weakest_27_percent():
    criterion = np.arange(100.0)
    item = np.zeros(100)
    item[73:95] = 1  # 22 of the best 27
    item[:5] = 1  # 5 of the weakest 27
    assert compare_groups(item, criterion) == pytest.approx(22 / 27 - 5 / 27)


def test_equals_at_the_edge_of_a_group_share_its_places():
    lower, middle, upper = weigh_groups(np.array([0.0, 1, 1, 1, 1, 1, 1, 1, 1, 2]))
    assert lower.sum() == pytest.approx(2.7)
    assert upper.sum() == pytest.approx(2.7)
    assert lower[1] == lower[8] == pytest.approx(1.7 / 8)
    assert (lower + middle + upper) == pytest.approx(np.ones(10))
    assert middle.min() >= -1e-12


def test_fewer_than_ten_students_get_a_facility_and_nothing_else():
    found = measure_item(np.array([1.0, 0.5] * 4), np.arange(8.0))
    assert found.facility == 0.75
    assert found.discrimination is found.upper_lower is found.chance is None
    assert estimate_reliability(PRINTED[:9]) is None


def test_students_without_a_share_or_without_a_criterion_are_left_out():
    item, rest = np.tile([1.0, 0.0], 8), np.arange(16.0)
    item[0], rest[1] = np.nan, np.nan
    found = measure_item(item, rest)
    assert found.students == 14
    assert found.facility == pytest.approx(7 / 15)


def test_what_does_not_vary_has_no_correlation_and_no_reliability():
    same = np.ones(20)
    assert measure_item(same, np.arange(20.0)).discrimination is None
    assert measure_item(np.arange(20.0), same).upper_lower is None
    assert estimate_reliability(np.ones((20, 3))) is None
    assert estimate_reliability(np.arange(20.0)[:, None]) is None
