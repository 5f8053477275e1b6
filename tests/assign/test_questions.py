from __future__ import annotations

import pytest

from autograder.assign.cases import Case
from autograder.assign.dialect import QuestionBlock
from autograder.assign.place import Place
from autograder.assign.questions import read_rules

THRESHOLDS = {"full_marks_at": 0.9, "no_marks_below": 0.5}


def rules_of(config, *points):
    """Rules of a question with test cases of these explicit points, and its problems as text."""
    place = Place("a.ipynb", 3, "q1")
    cases = [Case(place, "ok", "assert x", points=value) for value in points]
    rules, problems = read_rules(QuestionBlock("q1", {"name": "q1", **config}, place), cases, 60.0)
    return rules, "\n".join(map(str, problems))


@pytest.mark.parametrize(
    ("points", "explicit", "expected"),
    [
        (None, (None, None), (0.5, 0.5)),
        (4, (None, None), (2, 2)),
        (4, (3, None), (3, 1)),
        ({"each": 2}, (None, None), (2, 2)),
        ([1, 0.5], (None, None), (1, 0.5)),
        (None, (2, None), (2, 0)),
        (None, (0, None), (0, 1)),
        ([0.1, 0.2], (None, None), (0.1, 0.2)),
    ],
)
def test_points_follow_the_rules_of_otter(points, explicit, expected):
    rules, problems = rules_of({"points": points} if points is not None else {}, *explicit)
    assert problems == ""
    assert rules.case_points == expected
    assert rules.points == round(sum(expected), 9)


@pytest.mark.parametrize(
    ("points", "explicit", "words"),
    [
        (1, (2, None), "contradict each other"),
        ([1], (None, None), "lists 1 values for 2 test cases"),
        ("two", (None,), "`points: two` is not a number from 0"),
        (-1, (None,), "is not a number from 0"),
        (True, (None,), "is not a number from 0"),
        ({"all": 1}, (None,), "write `points: {each: 1}`"),
        ([1, "x"], (None, None), "is not a number from 0"),
    ],
)
def test_points_that_make_no_sense_are_refused(points, explicit, words):
    assert words in rules_of({"points": points}, *explicit)[1]


@pytest.mark.parametrize(
    ("config", "training", "explicit", "cases", "share"),
    [
        ({"points": 4}, {}, (1, 0.5), (1, 0.5), 2.5),
        ({"points": 4}, {}, (), (), 4),
        ({"points": 4}, {"points": 3}, (1,), (1,), 3),
        ({"points": [1, 1]}, {"points": 3}, (None, None), (1, 1), 3),
        ({"points": {"each": 2}}, {"points": 3}, (None, None), (2, 2), 3),
        ({}, {"points": 3}, (1,), (1,), 3),
    ],
)
def test_a_training_gets_what_its_test_cases_leave(config, training, explicit, cases, share):
    rules, problems = rules_of({**config, "training": {**THRESHOLDS, **training}}, *explicit)
    assert problems == ""
    assert rules.case_points == cases
    assert rules.training.points == share
    assert rules.points == sum(cases) + share


@pytest.mark.parametrize(
    ("config", "training", "explicit", "words"),
    [
        ({"points": 4}, {}, (1, None), "has no points of its own; give each test case `points:`"),
        ({"points": 1}, {}, (1,), "nothing of its 1 points is left for the training"),
        ({"points": 4}, {"points": 2}, (1,), "is not 1 of the test cases and 2 of training"),
    ],
)
def test_points_of_a_training_that_do_not_add_up_are_refused(config, training, explicit, words):
    assert words in rules_of({**config, "training": {**THRESHOLDS, **training}}, *explicit)[1]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("90s", 90), ("1.5m", 90), (45, 45), ("30", 30), (None, 60)],
)
def test_time_limits_are_in_seconds(value, seconds):
    rules, problems = rules_of({} if value is None else {"time_limit": value}, None)
    assert (rules.time_limit_seconds, problems) == (seconds, "")


@pytest.mark.parametrize("value", ["soon", "-3s", 0, True, "1h"])
def test_a_malformed_time_limit_is_refused(value):
    assert "is not a time; write `60s` or `1.5m`" in rules_of({"time_limit": value}, None)[1]


def test_lower_is_better_turns_the_order_of_the_thresholds():
    spec = {"full_marks_at": 0.1, "no_marks_below": 0.5}
    assert "is not better" in rules_of({"points": 1, "training": spec})[1]
    assert rules_of({"points": 1, "training": {**spec, "lower_is_better": True}})[1] == ""


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"isolation": "none"}, "write `separate` or `shared`"),
        ({"manual": "yes please"}, "`manual: yes please` is neither true nor false"),
        ({"manual": True}, "is `manual` but has test cases"),
        ({"training": 3}, "`training:` is not a list of keys"),
    ],
)
def test_values_of_the_wrong_kind_are_refused(config, words):
    assert words in rules_of(config, 1)[1]


def test_a_multiple_of_a_time_that_nobody_measured_is_refused():
    problems = rules_of({"time_limit": "3.0x"}, None)[1]
    assert "`time_limit: 3.0x` is a multiple" in problems
    assert "write seconds, such as `60s`" in problems
