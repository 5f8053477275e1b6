"""Results for the tests of stores."""

from datetime import UTC, datetime, timedelta

from autograder.schema import Environment, Result

ASSESSMENT = "a01_digits"
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def make_result(name="kim", score=7.5, minutes=0.0, **fields):
    values = {
        "assessment": ASSESSMENT,
        "submission": name,
        "student": name,
        "outcome": "graded",
        "score": score,
        "points": 10.0,
        "environment": Environment(sandbox="scripted"),
        "bundle": "sha256:b",
        "notebook": "sha256:n",
        "graded_at": NOON + timedelta(minutes=minutes),
    }
    return Result(**(values | fields))


def make_failure(name="kim", minutes=0.0, **fields):
    return make_result(name, None, minutes, outcome="grader_error", **fields)
