"""Small real results, and a parser that says what is wrong with a page."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from autograder.schema import (
    Confusion,
    Environment,
    Outcome,
    QuestionResult,
    Result,
    StudentError,
    TestCaseResult,
    TrainingResult,
    Visibility,
)

VOID = {"meta", "br", "hr", "img", "input", "link"}


class PageParser(HTMLParser):
    """Collects tags, attributes and text, and notes tags that do not nest."""

    def __init__(self):
        super().__init__()
        self.open, self.problems, self.tags, self.text = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> at {self.getpos()} inside {self.open[-3:]}")
        else:
            self.open.pop()

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.text.append(data.strip("\n"))

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())

    def find(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def parse():
    def parse_page(html):
        parser = PageParser()
        parser.feed(html)
        parser.close()
        assert parser.problems == []
        assert parser.open == []
        return parser

    return parse_page


@pytest.fixture
def make_case():
    def make(name, outcome=Outcome.PASSED, points=1.0, hidden=False, **more):
        passed = outcome is Outcome.PASSED
        visibility = Visibility.HIDDEN if hidden else Visibility.VISIBLE
        values = {"score": points if passed else 0.0, "visibility": visibility, "hidden": hidden}
        return TestCaseResult(name=name, outcome=outcome, points=points, **{**values, **more})

    return make


@pytest.fixture
def make_question():
    def make(name="q1", outcome=Outcome.PASSED, score=2.0, points=2.0, **more):
        return QuestionResult(name=name, outcome=outcome, score=score, points=points, **more)

    return make


@pytest.fixture
def make_training():
    def make(**more):
        values = {
            "metric": "accuracy",
            "value": 0.78,
            "full_marks_at": 0.85,
            "no_marks_below": 0.62,
            "parameters": 14218,
            "max_parameters": 25000,
            "limit_seconds": 60.0,
            "seconds": 21.4,
            "evaluated": "rebuilt",
            "history": {
                "accuracy": (0.3, 0.6, 0.8, 0.85, 0.88, 0.9),
                "loss": (2.0, 1.2, 0.7, 0.5, 0.4, 0.35),
                "val_loss": (2.1, 1.3, 0.8, 0.7, 0.8, 1.1),
            },
            "confusion": Confusion(labels=("0", "1"), counts=((40, 3), (9, 48))),
        }
        return TrainingResult(**{**values, **more})

    return make


@pytest.fixture
def make_result():
    def make(questions=(), **more):
        values = {
            "assessment": "a01_digits",
            "title": "Digits",
            "language": "en",
            "submission": "kim",
            "student": "Kim",
            "email": "kim@example.org",
            "outcome": "graded",
            "score": sum(question.score or 0.0 for question in questions),
            "points": sum(question.points for question in questions) or 10.0,
            "environment": Environment(sandbox="process", keras="3.15.1", seed=7),
            "graded_at": datetime(2026, 11, 22, 15, 4, tzinfo=UTC),
            "wall_seconds": 12.5,
        }
        return Result(questions=tuple(questions), **{**values, **more})

    return make


@pytest.fixture
def varied_result(make_result, make_question, make_training, make_case):
    """One question of every outcome, with everything a page can show."""

    def make(**more):
        questions = [
            make_question(
                "q1",
                title="Preprocess",
                test_cases=(make_case("q1-1"), make_case("q1-2", hidden=True)),
            ),
            make_question(
                "q2",
                Outcome.PARTIAL,
                1.0,
                message="The last layer has `128` units.",
                next_step="Use `Dense(10)`.",
                test_cases=(
                    make_case("q2-1"),
                    make_case("q2-2", Outcome.FAILED, message="SHOWN"),
                    make_case(
                        "q2-3",
                        Outcome.FAILED,
                        hidden=True,
                        message="HINT",
                        staff_message="SECRET 0.1234",
                    ),
                    make_case("q2-4", hidden=True, message="FINE", staff_message="SECRET 0.5"),
                ),
            ),
            make_question(
                "q3",
                Outcome.PARTIAL,
                2.7,
                4.0,
                training=make_training(),
                test_cases=(
                    make_case(
                        "q3-training", Outcome.PARTIAL, 4.0, score=2.7, staff_message="SECRET"
                    ),
                ),
            ),
            make_question(
                "q4",
                Outcome.ERROR,
                0.0,
                error=StudentError(
                    cell=7,
                    name="ValueError",
                    text="bad shape",
                    traceback="\x1b[0;31mValueError\x1b[0m\n\n---> 12 model(x)",
                ),
            ),
            make_question("q5", Outcome.NOT_REACHED, 0.0),
            make_question("q6", Outcome.TIME_LIMIT, 0.0, reference_seconds=60, limit_seconds=60),
            make_question("q7", Outcome.MEMORY_LIMIT, 0.0),
            make_question("q8", Outcome.FORGED, 0.0),
            make_question("q9", Outcome.FAILED, 0.0),
            make_question("q10", Outcome.NOT_REACHED, None, manual=True),
        ]
        return make_result(questions, **more)

    return make
