from autograder.report.class_report.errors import find_common_errors
from autograder.report.wording import Wording
from autograder.schema import Outcome, StudentError

EN = Wording("en")


def fail(make_result, make_question, student, text, question="q2"):
    error = StudentError(name="ValueError", text=text)
    one = make_question(question, Outcome.ERROR, 0.0, error=error)
    return make_result([one], student=student, submission=f"{student}-1")


def test_errors_of_one_kind_and_place_are_one_row_that_counts_students(make_result, make_question):
    results = [
        fail(make_result, make_question, "a", "shape (3,)"),
        fail(make_result, make_question, "a", "shape (4,)"),
        fail(make_result, make_question, "b", "shape (3,)"),
        fail(make_result, make_question, "c", "no module"),
        fail(make_result, make_question, "d", "shape (3,)", "q3"),
    ]
    rows = find_common_errors(results, EN, {"a-1": "a/feedback.html"})
    assert [(row.kind, row.place, row.students) for row in rows] == [
        ("ValueError", "q2", 3),
        ("ValueError", "q3", 1),
    ]
    assert [(one.text, one.students) for one in rows[0].variants] == [
        ("shape (3,)", 2),
        ("no module", 1),
    ]
    assert rows[0].example.href == "a/feedback.html"


def test_errors_of_a_model_are_told_by_their_causes(make_result, make_question):
    around = "Exception encountered when calling Sequential.call().\n\n{}\n\n"
    around += "Arguments received by Sequential.call():\n  • mask=None"
    results = [
        fail(make_result, make_question, student, around.format(cause))
        for student, cause in (("a", "expected axis -1"), ("b", "expected min_ndim=4"))
    ]
    (row,) = find_common_errors(results, EN)
    assert [one.text for one in row.variants] == ["expected axis -1", "expected min_ndim=4"]


def test_one_message_in_several_questions_is_one_row(make_result, make_question):
    questions = [
        make_question(name, Outcome.FAILED, 0.0, message="Left out.") for name in ("q1", "q2")
    ]
    row = find_common_errors([make_result(questions)], EN)[0]
    assert (row.place, row.students) == ("q1, q2", 1)
