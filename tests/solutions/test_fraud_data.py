"""Data of a09_fraud: deterministic, rare frauds, and nothing hidden is public."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

FOLDER = Path(__file__).parents[2] / "solutions" / "a09_fraud"


@pytest.fixture(scope="module")
def make_data():
    return runpy.run_path(str(FOLDER / "data.py"))["make_data"]


@pytest.fixture(scope="module")
def groups(make_data):
    return make_data(0, {})


def payment_sets(groups):
    train, hidden = groups["train"], groups["hidden"]
    return [
        (train["x_train"], train["y_train"], 14_000),
        (train["x_val"], train["y_val"], 8_000),
        (hidden["x"], hidden["y"], 20_000),
    ]


def test_payments_have_the_stated_shapes_and_types(groups):
    assert set(groups) == {"train", "hidden", "audit"}
    for rows, labels, count in payment_sets(groups):
        assert rows.dtype == np.float32
        assert rows.shape == (count, 12)
        assert labels.dtype == np.int64
        assert labels.shape == (count,)


def test_eight_payments_of_a_thousand_are_frauds(groups):
    for _rows, labels, count in payment_sets(groups):
        assert np.bincount(labels).tolist() == [count * 992 // 1000, count * 8 // 1000]


def test_fraud_rate_is_a_parameter(make_data):
    assert make_data(0, {"fraud_rate": 0.01})["hidden"]["y"].sum() == 200


def test_order_of_features_is_a_parameter(make_data, groups):
    order = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7]
    shuffled = make_data(0, {"feature_order": order})
    places = [*order, 10, 11]
    for there, here in zip(payment_sets(shuffled), payment_sets(groups), strict=True):
        assert np.array_equal(there[0], here[0][:, places])
        assert np.array_equal(there[1], here[1])
    assert np.array_equal(shuffled["audit"]["sd"], groups["audit"]["sd"][places])


def test_amounts_are_positive_and_hours_are_of_a_day(groups):
    for rows, _labels, _count in payment_sets(groups):
        assert rows[:, 10].min() > 0
        assert rows[:, 11].min() >= 0
        assert rows[:, 11].max() <= 24


def test_same_seed_gives_the_same_arrays(make_data, groups):
    again = make_data(0, {})
    for name, arrays in groups.items():
        for key, array in arrays.items():
            assert np.array_equal(array, again[name][key])


def test_another_seed_gives_other_payments(make_data, groups):
    assert not np.array_equal(make_data(1, {})["hidden"]["x"], groups["hidden"]["x"])


def test_no_payment_is_on_two_sides(groups):
    rows = np.concatenate([rows for rows, _labels, _count in payment_sets(groups)])
    assert len(np.unique(rows, axis=0)) == len(rows)


def test_groups_do_not_share_a_random_stream(groups):
    train, hidden = groups["train"], groups["hidden"]
    assert not np.array_equal(train["x_train"][:100], train["x_val"][:100])
    assert not np.array_equal(train["x_val"][:100], hidden["x"][:100])


def test_audit_holds_validation_payments_and_training_statistics(groups):
    train, audit = groups["train"], groups["audit"]
    assert np.array_equal(audit["x"], train["x_val"])
    assert np.array_equal(audit["y"], train["y_val"])
    assert np.allclose(audit["mean"], train["x_train"].mean(axis=0, dtype=np.float64))
    assert np.allclose(audit["sd"], train["x_train"].std(axis=0, dtype=np.float64))


def test_no_plane_tells_frauds(groups):
    train, hidden = groups["train"], groups["hidden"]
    mean, sd = groups["audit"]["mean"], groups["audit"]["sd"]
    model = LogisticRegression(class_weight="balanced", max_iter=500)
    model.fit((train["x_train"] - mean) / sd, train["y_train"])
    scores = model.decision_function((hidden["x"] - mean) / sd)
    assert average_precision_score(hidden["y"], scores) < 0.05


def test_metric_takes_columns_and_rows_of_predictions():
    measure = runpy.run_path(str(FOLDER / "metrics.py"))["average_precision"]
    truths, scores = np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])
    assert measure(truths, scores) == pytest.approx(5 / 6)
    assert measure(truths, scores[:, None]) == pytest.approx(5 / 6)
    with pytest.raises(ValueError, match="reshape"):
        measure(truths, np.ones((4, 2)))
