import pytest

from autograder.report.exposure import count_withheld, decide_visibility, expose_cases
from autograder.schema import Outcome, Visibility
from autograder.schema.assessment import VisibilityConfig


def test_hidden_tests_are_withheld_by_default_and_public_ones_shown(make_case, make_question):
    question = make_question(test_cases=(make_case("q1-1"), make_case("q1-2", hidden=True)))
    shown = [one.shown for one in expose_cases(question, VisibilityConfig())]
    assert shown == [True, False]


def test_staff_can_open_hidden_tests_without_grading_again(make_case):
    config = VisibilityConfig(hidden_tests=Visibility.VISIBLE)
    assert decide_visibility(make_case("q1-1", hidden=True), config) is Visibility.VISIBLE


def test_staff_can_close_tests_that_were_graded_as_visible(make_case):
    config = VisibilityConfig(public_tests=Visibility.HIDDEN)
    assert decide_visibility(make_case("q1-1"), config) is Visibility.HIDDEN


@pytest.mark.parametrize("open_kind", ["hidden_tests", "public_tests"])
def test_an_unmarked_withheld_case_gets_the_stricter_rule(make_case, open_kind):
    kinds = {"hidden_tests": Visibility.HIDDEN, "public_tests": Visibility.HIDDEN}
    config = VisibilityConfig(**{**kinds, open_kind: Visibility.VISIBLE})
    case = make_case("q1-1", visibility=Visibility.AFTER_DUE_DATE)
    assert decide_visibility(case, config) is Visibility.HIDDEN


@pytest.mark.parametrize("later", [Visibility.AFTER_DUE_DATE, Visibility.AFTER_PUBLISHED])
def test_a_page_withholds_what_may_be_seen_only_later(make_case, make_question, later):
    question = make_question(test_cases=(make_case("q1-1", hidden=True),))
    assert not expose_cases(question, VisibilityConfig(hidden_tests=later))[0].shown


def test_withheld_cases_that_never_ran_are_not_counted(make_case, make_question):
    outcomes = [Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.NOT_REACHED]
    cases = tuple(make_case(f"q1-{i}", one, hidden=True) for i, one in enumerate(outcomes))
    exposed = expose_cases(make_question(test_cases=cases), VisibilityConfig())
    assert count_withheld(exposed) == (3, 2)


def test_public_and_hidden_cases_are_numbered_apart(make_case, make_question):
    cases = tuple(make_case(f"q1-{i}", hidden=i % 2 == 0) for i in range(4))
    exposed = expose_cases(make_question(test_cases=cases), VisibilityConfig())
    assert [(one.hidden, one.number) for one in exposed] == [
        (True, 1),
        (False, 1),
        (True, 2),
        (False, 2),
    ]


def test_the_trainings_own_case_is_not_listed(make_case, make_question):
    question = make_question("q3", test_cases=(make_case("q3-1"), make_case("q3-training")))
    assert [one.case.name for one in expose_cases(question, VisibilityConfig())] == ["q3-1"]
