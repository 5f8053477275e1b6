"""A bundle's values, where they say more than they were given."""

from __future__ import annotations

import pytest

from autograder.schema import TrainingSpec


@pytest.mark.parametrize(
    ("metric", "name"),
    [("accuracy", "accuracy"), ("metrics.py:average_precision", "average_precision")],
)
def test_a_metric_is_named_without_the_file_of_ones_own(metric, name):
    assert TrainingSpec(metric=metric, full_marks_at=0.9, no_marks_below=0.5).metric_name == name
