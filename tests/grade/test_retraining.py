"""A training that misses full marks by less than one SD of the reference is run again."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.grade.regrade import Way, regrade_submission
from autograder.grade.retraining import grade_fairly, list_grey
from autograder.grade.submission import grade_submission
from autograder.schema import Spread, TrainingSpec
from tests.grade.conftest import question, submit, write_bundle

NOTEBOOK = """
import keras
import numpy as np


def build_model():
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])


def train(model, data):
    kernel, bias = model.get_weights()
    model.set_weights([np.ones_like(kernel), np.random.uniform(1, 2, bias.shape)])
"""  # the error is the bias: another one with every seed


@pytest.fixture
def write(tmp_path):
    """Writes a bundle with a full mark and the reference's SD there."""
    x = np.linspace(0, 1, 50, dtype="float32").reshape(-1, 1)
    made = []

    def make(full, sd):
        spec = TrainingSpec(
            metric="mean_absolute_error",
            lower_is_better=True,
            full_marks_at=full,
            no_marks_below=3.0,
            points=2,
        )
        spread = None if sd is None else Spread(mean=full, sd=sd, runs=30)
        asked = question("q1", training=spec, spread=spread, points=2, time_limit_seconds=30)
        made.append(tmp_path / str(len(made)))
        groups = {"public": {"x": x}, "hidden": {"x": x, "y": x}}
        return write_bundle(made[-1], [asked], imports={"keras": "keras"}, **groups)

    return make


def read_value(graded):
    return graded.result.questions[0].training.value


@pytest.fixture
def values(write, sandbox, scorers):
    """What the notebook comes to with the first three seeds."""
    bundle = write(0.5, None)
    runs = [grade_submission(submit(NOTEBOOK), bundle, sandbox, scorers, seed=s) for s in range(3)]
    assert all(read_value(run) is not None for run in runs), runs[0].result.questions[0].test_cases
    return [read_value(run) for run in runs]


def test_a_near_miss_is_trained_again_and_the_best_counts(values, write, sandbox, scorers):
    assert len(set(values)) == 3
    services, submission = (sandbox, scorers), submit(NOTEBOOK)

    impossible = write(min(values) - 0.01, 2.0)
    best = grade_fairly(submission, impossible, services)
    training = best.result.questions[0].training
    assert [trial.value for trial in training.trials] == values, "two further seeds, no more"
    assert training.value == min(values)
    assert best.result.environment.seed == values.index(min(values))
    assert training.spread.runs == 30

    far = grade_fairly(submission, write(values[0] - 0.2, 0.1), services)
    assert (read_value(far), far.result.questions[0].training.trials) == (values[0], ())

    enough = grade_fairly(submission, write(values[0] + 0.1, 2.0), services)
    assert (enough.result.score, enough.result.questions[0].training.trials) == (2, ())

    uncalibrated = grade_fairly(submission, write(values[0] - 0.01, None), services)
    assert uncalibrated.result.questions[0].training.trials == ()

    eased = write(min(values) - 0.02, 2.0)
    again = regrade_submission(submission, best.result, best.transcript, eased, services)
    regraded = again.graded.result.questions[0].training
    assert again.way is Way.KEPT, "three trainings were made; no more follow"
    assert (regraded.trials, regraded.value) == (training.trials, training.value)
    assert list_grey(again.graded.result, eased.bundle) == ["q1"]
