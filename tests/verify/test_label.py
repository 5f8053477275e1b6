from __future__ import annotations

import pytest

from autograder.verify import (
    Expected,
    Label,
    Reference,
    compare_with_label,
    find_untested_cases,
)


def reference(expected, **label):
    return Reference("x", Expected(expected), b"", label=Label(**label))


# outcome of q1, of q2, score of q1, of q2
FULL = ("passed", "passed", 2, 2)
PART = ("passed", "partial", 2, 0.5)
WRONG = ("failed", "passed", 1, 2)
BROKEN = ("error", "passed", 0, 2)
SLOW = ("time_limit", "passed", 0, 2)
NOTHING = ("failed", "failed", 0, 0)


@pytest.mark.parametrize(
    ("expected", "right"),
    [
        ("full_score", [FULL]),
        ("partial", [PART, WRONG, BROKEN, SLOW]),
        ("failed", [WRONG, NOTHING, PART]),
        ("error", [BROKEN]),
        ("time_limit", [SLOW]),
        ("untouched", [NOTHING]),
        ("hostile", [FULL, PART, WRONG, BROKEN, SLOW, NOTHING]),
    ],
)
def test_each_label_accepts_what_it_names_and_nothing_else(make, expected, right):
    results = [FULL, PART, WRONG, BROKEN, SLOW, NOTHING]
    accepted = [
        item for item in results if not compare_with_label(reference(expected), make.result(*item))
    ]
    assert sorted(accepted) == sorted(right)


def test_the_points_of_manual_questions_do_not_count(make):
    assert compare_with_label(reference("full_score"), make.result()) == []


@pytest.mark.parametrize(
    ("label", "item", "complaints"),
    [
        ({"score": (2.5, 3.5)}, WRONG, []),
        ({"score": (0, 2)}, WRONG, ["scores 3, not within 0 to 2"]),
        ({"fails": ("q1",)}, WRONG, []),
        ({"fails": ()}, WRONG, ["q1 loses points although it is right"]),
        ({"fails": ("q1", "q2")}, WRONG, ["q2 gets full marks although it should fail"]),
        ({"message": "다시 훈련"}, WRONG, []),
        ({"message": "m-q1-2"}, WRONG, []),
        ({"message": "softmax"}, WRONG, ["no message contains `softmax`"]),
    ],
)
def test_a_label_may_narrow_score_questions_and_messages(make, label, item, complaints):
    assert compare_with_label(reference("failed", **label), make.result(*item)) == complaints


def test_a_hostile_reference_may_not_score_above_its_label(make):
    honest = reference("hostile", score=(0, 1))
    assert compare_with_label(honest, make.result(*NOTHING)) == []
    assert compare_with_label(honest, make.result(*FULL)) == ["scores 4, not within 0 to 1"]


def test_complaints_name_the_questions(make):
    (complaint,) = compare_with_label(reference("full_score"), make.result(*WRONG))
    assert complaint == "scores 3 of 4, not all; q1 below full marks"
    (complaint,) = compare_with_label(reference("error"), make.result(*WRONG))
    assert complaint == "no question ends as error (q1 failed, q2 passed)"


def test_a_failure_of_the_grader_is_never_right(make):
    result = make.result().model_copy(
        update={"score": None, "outcome": "grader_error", "staff_message": "no kernel"}
    )
    for expected in Expected:
        assert compare_with_label(reference(expected), result) == ["the grader failed: no kernel"]


def test_a_hidden_case_that_no_wrong_reference_fails_is_named(bundle, make):
    right = (reference("full_score"), make.result())
    assert find_untested_cases(bundle, [right]) == ["q1-2", "q2-training"]
    wrong = (reference("failed"), make.result(*WRONG))
    assert find_untested_cases(bundle, [right, wrong]) == ["q2-training"]
    part = (reference("partial"), make.result(*PART))
    assert find_untested_cases(bundle, [wrong, part]) == []


def test_questions_left_out_do_not_show_that_a_test_works(bundle, make):
    left_out = (reference("partial"), make.result(*NOTHING))
    untouched = (reference("untouched"), make.result(*NOTHING))
    assert find_untested_cases(bundle, [left_out, untouched]) == ["q1-2", "q2-training"]
