"""Numbers of a calibration in the keys of a question."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from autograder.assign.dialect import QuestionBlock
from autograder.assign.measured import Measured
from autograder.assign.place import Place
from autograder.assign.questions import read_rules
from autograder.errors import AuthoringError
from autograder.schema.calibration import (
    Calibration,
    QuestionCalibration,
    Thresholds,
    Times,
    read_calibration,
)

TIMES = Times(mean_seconds=2.0, max_seconds=2.4, slowest_seconds=2.4, least_limit=5)
THRESHOLDS = Thresholds(
    full_marks_at=0.86,
    no_marks_below=0.7,
    confidence=0.95,
    false_fail_rate=0.01,
    false_fail_rate_any=0.1,
    runs=30,
    mean=0.9,
    sd=0.01,
)
PLACE = Place("a.ipynb", 3, "q1")
AUTO = {"full_marks_at": "auto", "no_marks_below": "auto"}


def read(config, times=TIMES, thresholds=THRESHOLDS):
    found = QuestionCalibration(name="q1", key="k", times=times, thresholds=thresholds)
    calibration = Calibration(assessment="a", measured_at=datetime.now(UTC), questions=(found,))
    block = QuestionBlock("q1", {"name": "q1", "points": 2, **config}, PLACE)
    rules, problems = read_rules(block, [], 60.0, Measured("a", calibration))
    return rules, "\n".join(map(str, problems))


@pytest.mark.parametrize(
    ("value", "seconds", "words"),
    [
        ("3.0x", 6, ""),
        ("3.1x", 7, ""),
        ("2x", 4, "write `2.5x` or more"),
        ("8x", 16, "write a multiple that is 12 s or less"),
    ],
)
def test_a_multiple_is_whole_seconds_within_what_references_allow(value, seconds, words):
    times = TIMES.model_copy(update={"fastest_seconds": 18.0, "most_limit": 12.0})
    rules, problems = read({"time_limit": value, "training": AUTO}, times)
    assert rules.time_limit_seconds == seconds
    assert words in problems
    assert bool(words) == bool(problems)
    assert rules.calibrated


def test_auto_takes_both_thresholds_and_typed_numbers_stay():
    rules, problems = read({"training": AUTO})
    assert problems == ""
    assert (rules.training.full_marks_at, rules.training.no_marks_below) == (0.86, 0.7)
    assert (rules.spread.mean, rules.spread.sd) == (0.9, 0.01)
    typed, problems = read({"training": {"full_marks_at": 0.8, "no_marks_below": "auto"}})
    assert problems == ""
    assert (typed.training.full_marks_at, typed.spread) == (0.8, None)


def test_auto_without_a_wrong_reference_says_what_is_missing():
    without = THRESHOLDS.model_copy(update={"no_marks_below": None})
    _, problems = read({"training": AUTO}, thresholds=without)
    assert "calibration.json has no number for it; add a reference in failed/" in problems
    assert "run `autograder calibrate a`" in problems


def test_a_calibration_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "calibration.json").write_text('{"assessment": 3}', encoding="utf-8")
    with pytest.raises(AuthoringError, match="is not what `autograder calibrate` writes"):
        read_calibration(tmp_path)


def test_texts_may_tell_what_was_measured():
    rules, _ = read({"training": AUTO, "time_limit": "3x"})
    measured = {"mean": 0.9, "sd": 0.01, "seconds": 2}
    assert rules.told == measured | {
        "full_marks_at": 0.86,
        "no_marks_below": 0.7,
        "time_limit": 6,
    }
    typed, _ = read({"training": {"full_marks_at": 0.8, "no_marks_below": 0.5}})
    assert typed.told == {"full_marks_at": 0.8, "no_marks_below": 0.5, "time_limit": 60}
