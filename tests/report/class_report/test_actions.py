from autograder.report.class_report.actions import MOST_PEOPLE, list_actions
from autograder.report.wording import Wording
from autograder.schema import Outcome

EN = Wording("en")


def test_what_needs_a_person_stands_in_the_order_of_its_urgency(make_result, make_question):
    forged = make_question("q1", Outcome.FORGED, 0.0)
    manual = make_question("q2", Outcome.PASSED, 0.0, 0.0, manual=True)
    unread = make_question("q1", Outcome.NOT_REACHED, 0.0)
    results = [
        make_result([manual], late=True),
        make_result([unread], message="Not a notebook."),
        make_result([forged, manual]),
        make_result(outcome="grader_error", score=None, staff_message="Traceback\nOSError: full"),
    ]
    headings = [action.heading for action in list_actions(results, {}, EN)]
    assert headings == [
        "The grader failed on 1 submission",
        "1 submission sent replies that honest code does not send",
        "1 submission could not be read",
        "2 answers wait for a person to grade them",
        "1 submission came late",
    ]
    assert list_actions(results, {}, EN)[0].notes == ("OSError: full",)


def test_a_failure_in_one_question_is_named_by_the_question(make_result, make_question, make_case):
    case = make_case("q2-1", Outcome.GRADER_ERROR, score=None, staff_message="scorer died")
    question = make_question("q2", Outcome.GRADER_ERROR, None, test_cases=(case,))
    result = make_result([question], outcome="grader_error", score=None)
    assert list_actions([result], {}, EN)[0].notes == ("q2: scorer died",)


def test_nothing_to_do_is_said(make_result, make_question):
    assert list_actions([make_result([make_question()])], {}, EN) == []


def test_a_long_list_of_people_is_cut_and_the_rest_counted(make_result, make_question):
    results = [make_result([make_question()], late=True) for _ in range(MOST_PEOPLE + 5)]
    action = list_actions(results, {}, EN)[0]
    assert (len(action.people), action.more) == (MOST_PEOPLE, 5)
