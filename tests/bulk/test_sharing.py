from datetime import UTC, datetime

from autograder.bulk.sharing import share_equal_parts
from autograder.schema import Environment, Outcome, QuestionResult, Result, TestCaseResult


def make_result(name, message):
    cases = (
        TestCaseResult(name="q1-1", outcome=Outcome.PASSED, score=1.0, points=1.0),
        TestCaseResult(name="q1-2", outcome=Outcome.FAILED, score=0.0, points=1.0, message=message),
    )
    question = QuestionResult(
        name="q1", outcome=Outcome.PARTIAL, score=1.0, points=2.0, test_cases=cases
    )
    return Result(
        assessment="a01",
        submission=name,
        student=name,
        outcome="graded",
        score=1.0,
        points=2.0,
        questions=(question,),
        environment=Environment(sandbox="fork", walls=("user",)),
        graded_at=datetime(2026, 11, 22, tzinfo=UTC),
    )


def test_results_stay_what_they_are_and_equal_verdicts_are_one_value():
    results = [make_result("kim", "too low"), make_result("lee", "too low"), make_result("o", "0")]
    shared = list(share_equal_parts(results))
    assert shared == results
    kim, lee, other = (result.questions[0].test_cases for result in shared)
    assert kim[0] is lee[0] is other[0]
    assert kim[1] is lee[1]
    assert other[1].message == "0"
    assert shared[0].environment is shared[2].environment
