"""The file is read back as Canvas reads it.

`Course` holds the rules of "How do I import grades in the Gradebook?" (Canvas Instructor Guide)
and of canvas-lms: the byte-order mark is kept, an ID wins over a name, blank is a change, `1,234`
is 1.234, a name with "Points Possible" is no student, and calculated titles are skipped.
"""

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.report.export import Attempt, ExportOptions, Reason, RosterFile
from autograder.report.export.canvas import CanvasExporter
from autograder.schema.assessment import VisibilityConfig
from tests.report.export.conftest import make_minimal

SKIPPED = re.compile("(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
STUDENTS = {
    "101": ("김, 서연", "2025-101", "seoyeon"),
    "102": (unicodedata.normalize("NFD", "이도윤"), "2025-102", "doyun@snu.ac.kr"),
    "103": ("김민수", "2025-103", "minsu1"),
    "104": ("김민수", "2025-104", "minsu2"),
    "105": ('O\'Neill, Liam "Jay"', "2025-105", "liam"),
    "106": ("=HYPERLINK(A1)", "2025-106", "-formula"),
    "107": ("Clarke, Emma", "2025-107", "emma"),
}
DIGITS = ("숫자, Digits", "10")


class Course:
    """A course in Canvas: its gradebook can be exported, and a file imported."""

    def __init__(self, students=STUDENTS, assignments=None, scores=None):
        self.students = students
        self.assignments = (
            {"77": DIGITS, "78": ("Other", "5")} if assignments is None else assignments
        )
        self.scores = scores or {}
        self.points = {number: points for number, (_, points) in self.assignments.items()}
        self.made, self.strangers, self.skipped = [], [], []

    def export(self, *, two_names=False, delimiter=",", posting=True):
        """The gradebook, as bytes, in the columns that Canvas writes."""
        names = ["LastName", "FirstName"] if two_names else ["Student"]
        head = [*names, "ID", "SIS User ID", "SIS Login ID", "Section"]
        titles = [f"{title} ({number})" for number, (title, _) in self.assignments.items()]
        blank = [""] * (len(head) - 1)
        points = [points for _, points in self.assignments.values()]
        rows = [[*head, *titles, "Final Score"]]
        if posting:
            rows.append(["", *blank, *["Manual Posting" for _ in titles], ""])
        rows.append(["    Points Possible", *blank, *points, "(read only)"])
        for number, (name, sis, login) in self.students.items():
            wrapped = f'="{name}"' if name.startswith("=") else name
            parts = [part.strip() for part in f"{name},".split(",")][:2] if two_names else [wrapped]
            scores = [self.scores.get((number, one), "") for one in self.assignments]
            rows.append([*parts, number, sis, login, "001; 가", *scores, "80"])
        file = io.StringIO(newline="")
        csv.writer(file, delimiter=delimiter).writerows(rows)
        return file.getvalue().encode()

    def read(self, content):
        """Import: `{(student id, assignment): new score}` of what changes."""
        text = content.decode("utf-8")  # a byte-order mark would stay
        head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        info = self._count_info(head)
        places = [(i, head[i]) for i in range(info, len(head)) if not SKIPPED.search(head[i])]
        changes = {}
        for row in rows:
            assert len(row) == len(head)
            if "Points Possible" in row[0]:
                for i, title in places:
                    self.points[self._find(title)] = row[i] or self.points.get(self._find(title))
                continue
            student = self._match(row, head)
            for i, title in places:
                assignment = self._find(title)
                score = self._number(row[i])
                if score != self.scores.get((student, assignment), ""):
                    changes[student, assignment] = score
        return changes

    def _count_info(self, head):
        assert "Student" in head[0] or head[:2] == ["LastName", "FirstName"], "Invalid header row"
        assert head[2 if head[0] == "LastName" else 1] == "ID"
        assert "Section" in head
        return head.index("Section") + 1

    def _match(self, row, head):
        number = row[head.index("ID")]
        if number in self.students:
            return number
        for column, place in (("SIS User ID", 1), ("SIS Login ID", 2)):
            value = row[head.index(column)] if column in head else ""
            for student, known in self.students.items():
                if value and known[place] == value:
                    return student
        named = [one for one, (name, *_) in self.students.items() if name == row[0]]
        if not named:
            self.strangers.append(row[0])
        return named[0] if named else row[0]

    def _find(self, title):
        number = re.search(r"\((\d+)\)$", title)
        if number and number[1] in self.assignments:
            return number[1]
        same = [one for one, (name, _) in self.assignments.items() if name == title]
        if not same and title not in self.made:
            self.made.append(title)
        return same[0] if same else title

    def _number(self, cell):
        if re.fullmatch(r"-?[0-9.,]+%?", cell):
            *whole, last = re.split("[.,]", cell)
            return f"{''.join(whole)}.{last}" if whole else last
        return cell


def make_roster(course, **more):
    return RosterFile("gradebook.csv", course.export(**more))


def export(results, options, course=None, **more):
    roster = make_roster(course) if course else None
    made = CanvasExporter().export(results, options(**{"roster": roster, **more}))
    (content,) = made.files.values()
    return made, content


def rows_of(content):
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def test_scores_reach_the_students_of_the_download_and_nobody_else(make_person, options):
    course = Course(scores={("107", "77"): "5"})
    results = [
        make_person("김서연", 7.125, platform_id="101"),
        make_person("이도윤", 10.0, platform_id="102"),
        make_person("김민수", 3.0, platform_id="103", slug="m1"),
        make_person("김민수", 4.0, platform_id="104", slug="m2"),
        make_person("oneillliamjay", 0.0, platform_id="105"),
        make_person("HYPERLINKA1", 1.0, platform_id="106"),
    ]
    made, content = export(results, options, course)
    assert course.read(content) == {
        ("101", "77"): "7.13",
        ("102", "77"): "10",
        ("103", "77"): "3",
        ("104", "77"): "4",
        ("105", "77"): "0",
        ("106", "77"): "1",
    }
    assert course.points == {"77": "10", "78": "5"}
    assert course.made == course.strangers == []
    assert made.left_out == made.notes == ()


def test_identifying_columns_are_those_of_the_roster(make_person, options):
    course = Course()
    results = [make_person("x", platform_id=one, email=one) for one in STUDENTS]
    results = [one.model_copy(update={"student": STUDENTS[one.platform_id][0]}) for one in results]
    _, content = export(results, options, course)
    head, points, *rows = rows_of(content)
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "숫자, Digits (77)"]
    assert points == ["    Points Possible", "", "", "", "", "10"]
    roster = {row[1]: row[:5] for row in rows_of(course.export()) if row[1]}
    assert [row[:5] for row in rows] == [roster[one] for one in STUDENTS]


def test_a_name_that_would_run_is_disarmed_since_canvas_goes_by_the_id(make_person, options):
    course = Course({"9": ("+cmd|' /C calc'!A0", "-1", "@a")})
    _, content = export([make_person("+cmd|' /C calc'!A0", platform_id="9")], options, course)
    row = rows_of(content)[-1]
    assert row[:4] == ["'+cmd|' /C calc'!A0", "9", "-1", "@a"]
    assert course.read(content) == {("9", "77"): "7.5"}


def test_students_without_score_have_no_row_so_that_nothing_is_wiped(make_person, options):
    course = Course(scores={("101", "77"): "8", ("102", "77"): "9"})
    failed = make_person("김서연", platform_id="101", outcome="grader_error", score=None)
    failed = failed.model_copy(update={"outcome": "grader_error", "score": None})
    made, content = export([failed, make_person("김민수", 1.0, platform_id="103")], options, course)
    assert course.read(content) == {("103", "77"): "1"}
    assert [one.reason for one in made.left_out] == [Reason.NO_SCORE]


@pytest.mark.parametrize("values", [{"email": "DOYUN@snu.ac.kr"}, {"platform_id": "2025-102"}, {}])
def test_a_student_is_found_by_login_sis_id_or_exact_name(make_person, options, values):
    course = Course()
    _, content = export([make_person("이도윤", 6.0, **values)], options, course)
    assert course.read(content) == {("102", "77"): "6"}


@pytest.mark.parametrize("name", ["김서연", "서연 김", "김, 서연"])
def test_a_name_in_two_parts_is_found_in_either_order(make_person, options, name):
    course = Course()
    _, content = export([make_person(name, 6.0)], options, course)
    assert course.read(content) == {("101", "77"): "6"}


@pytest.mark.parametrize(
    ("values", "detail"),
    [
        ({"student": "김민수"}, "2 rows have this name"),
        ({"student": "박하은"}, "no row has this id"),
        (
            {"student": "박하은", "platform_id": "107"},
            "belongs to another name there: Clarke, Emma",
        ),
        ({"student": "Emma Clarke", "platform_id": "107", "email": "liam"}, "different rows"),
    ],
)
def test_who_is_in_doubt_is_listed_and_not_guessed(make_person, options, values, detail):
    made, content = export([make_person(values.pop("student"), **values)], options, Course())
    (left,) = made.left_out
    assert left.reason is Reason.UNMATCHED
    assert detail in left.detail
    assert Course().read(content) == {}


def test_two_strangers_of_a_name_do_not_share_the_row_of_that_name(make_person, options):
    results = [make_person("Emma Clarke", slug="a"), make_person("Emma Clarke", slug="b")]
    made, content = export(results, options, Course())
    assert len(made.left_out) == 2
    assert Course().read(content) == {}


def test_the_roster_shows_that_two_uploads_are_of_one_student(make_person, options):
    course = Course()
    by_id = make_person("clarkeemma", 3.0, platform_id="107", slug="a")
    by_login = make_person("Emma", 5.0, email="emma", attempt=2, slug="b")
    _, latest = export([by_id, by_login], options, course)
    assert course.read(latest) == {("107", "77"): "5"}
    _, best = export([by_login, by_id], options, course, attempt=Attempt.BEST)
    assert course.read(best) == {("107", "77"): "5"}


def test_a_row_found_by_id_is_not_given_to_a_namesake(make_person, options):
    course = Course()
    known = make_person("clarkeemma", 3.0, platform_id="107")
    namesake = make_person("Emma Clarke", 9.0, slug="other")
    for results in ([known, namesake], [namesake, known]):
        made, content = export(results, options, course)
        assert course.read(content) == {("107", "77"): "3"}
        assert [one.submission for one in made.left_out] == ["other-1"]
        assert "belongs to a student found by id" in made.left_out[0].detail


def test_a_name_that_canvas_has_wrapped_is_found_as_it_is(make_person, options):
    course = Course()
    _, content = export([make_person("=HYPERLINK(A1)", 6.0)], options, course)
    assert course.read(content) == {("106", "77"): "6"}
    assert rows_of(content)[-1][0] == '="=HYPERLINK(A1)"'


@pytest.mark.parametrize("two_names", [False, True])
@pytest.mark.parametrize(
    ("delimiter", "encoding"),
    [(",", "utf-8"), (",", "utf-8-sig"), (",", "cp949"), (";", "utf-8"), ("\t", "utf-16")],
)
def test_rosters_as_canvas_and_excel_write_them(
    make_person, options, two_names, delimiter, encoding
):
    students = {**STUDENTS, "102": ("이도윤", "2025-102", "doyun@snu.ac.kr")}
    course = Course(students)
    text = course.export(two_names=two_names, delimiter=delimiter).decode()
    roster = RosterFile("gradebook.csv", text.encode(encoding))
    results = [make_person("김서연", platform_id="101"), make_person("이도윤")]
    made, content = export(results, options, roster=roster)
    assert course.read(content) == {("101", "77"): "7.5", ("102", "77"): "7.5"}
    assert made.left_out == ()


def test_a_new_title_brings_its_points_and_a_note(make_person, options):
    course = Course()
    made, content = export([make_person("김서연", platform_id="101")], options, course, title="New")
    assert course.read(content) == {("101", "New"): "7.5"}
    assert course.made == ["New"]
    assert course.points["New"] == "10"
    assert course.points["77"] == "10"
    assert "make a new one" in made.notes[0]


@pytest.mark.parametrize("column", ["Other", "Other (78)"])
def test_another_column_can_be_named(make_person, options, column):
    course = Course()
    made, content = export(
        [make_person("김서연", platform_id="101")], options, course, column=column
    )
    assert course.read(content) == {("101", "78"): "7.5"}
    assert course.points["78"] == "5"
    assert "not scaled" in made.notes[0]


@pytest.mark.parametrize(
    ("assignments", "more", "words"),
    [
        ({"1": ("A", "10")}, {"column": "B"}, ["no column 'B'", "'A (1)'"]),
        ({"1": ("A", "10"), "2": ("A", "5")}, {"column": "A"}, ["'A (1)', 'A (2)'", "--column"]),
        ({"1": ("A", "(read only)")}, {"column": "A"}, ["read only"]),
        ({"1": ("Final Score", "10")}, {"title": "Final Score"}, ["skips"]),
    ],
)
def test_a_column_that_cannot_be_used_is_refused(make_person, options, assignments, more, words):
    with pytest.raises(UsageError) as caught:
        export([make_person("a")], options, Course(assignments=assignments), **more)
    assert all(word in str(caught.value) for word in words)


def test_of_two_assignments_of_one_title_the_id_decides(make_person, options):
    course = Course(assignments={"1": ("A", "10"), "2": ("A", "10")})
    _, content = export([make_person("김서연")], options, course, column="A (2)")
    assert course.read(content) == {("101", "2"): "7.5"}


@pytest.mark.parametrize(("cell", "word"), [("N/A", "assigned"), ("EX", "excused")])
def test_a_score_that_canvas_would_not_take_is_listed(make_person, options, cell, word):
    course = Course(scores={("101", "77"): cell})
    made, content = export([make_person("김서연", platform_id="101")], options, course)
    assert course.read(content) == {}
    assert [(one.reason, word in one.detail) for one in made.left_out] == [(Reason.REFUSED, True)]


@pytest.mark.parametrize("with_roster", [True, False])
def test_a_student_called_points_possible_does_not_set_the_points(
    make_person, options, with_roster
):
    course = Course({"1": ("Points Possible", "", "pp")})
    person = make_person("Points Possible", 3.0, platform_id="1")
    made, content = export([person], options, course if with_roster else None)
    assert course.read(content) == {}
    assert course.points["77"] == "10"
    assert [one.reason for one in made.left_out] == [Reason.REFUSED]


def test_everything_wrong_with_a_roster_is_one_error(make_person, options):
    rows = [
        "Student,ID,SIS Login ID,Digits (1),Digits (1)",
        "Kim,1,kim,,",
        "Lee,1,lee,,",
        "Park,,park,,",
        "Choi,4",
    ]
    roster = RosterFile("wrong.csv", "\n".join(rows).encode())
    with pytest.raises(UsageError) as caught:
        CanvasExporter().export([make_person("a")], options(roster=roster, title="Digits"))
    text = str(caught.value)
    for words in (
        "wrong.csv",
        "no column 'Section'",
        "ID '1' stands in 2 rows",
        "'Park' has no number as ID",
        "line 5 has 2 cells",
        "two columns called 'Digits (1)'",
        "Gradebook > Export",
    ):
        assert words in text


def test_without_a_roster_what_is_known_is_written_with_a_note(make_person, options):
    course = Course()
    results = [
        make_person("kimseoyeon", 7.0, platform_id="101"),
        make_person("Lim", 8.0, email="doyun@snu.ac.kr"),
        make_person("Clarke, Emma", 9.0, platform_id="anon_x"),
    ]
    made, content = export(results, options)
    assert course.read(content) == {("101", "77"): "7", ("102", "77"): "8", ("107", "77"): "9"}
    assert course.points == {"77": "10", "78": "5"}
    assert [row[1] for row in rows_of(content)] == ["ID", "101", "", ""]
    assert "nobody was checked" in made.notes[0]


def test_a_title_that_some_versions_of_canvas_skip_is_told(make_person, options):
    course = Course(assignments={"1": ("Final project", "10")})
    made, content = export([make_person("김서연")], options, course, title="Final project")
    assert course.read(content) == {("101", "1"): "7.5"}
    assert "Final" in made.notes[0]


def test_a_score_that_students_shall_not_see_is_told(make_person, options):
    hidden = VisibilityConfig(score=False)
    made, _ = export([make_person("김서연")], options, Course(), visibility=hidden)
    assert "visibility.score" in made.notes[-1]


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


@given(
    students=st.dictionaries(
        st.integers(1, 10**9).map(str),
        st.tuples(NAMES.filter(lambda text: text.strip() and "Points Possible" not in text), NAMES),
        min_size=1,
        max_size=6,
    ),
    score=st.floats(0, 10_000),
)
def test_any_class_keeps_its_students_and_scores(students, score):
    known = {number: (name, "", login) for number, (name, login) in students.items()}
    course = Course(known, assignments={"77": ("Digits", "10")})
    results = [make_minimal(number, name, score) for number, (name, _) in students.items()]
    options = ExportOptions("a", "Digits", roster=RosterFile("r", course.export()))
    made = CanvasExporter().export(results, options)
    changes = course.read(made.files["a-canvas.csv"])
    assert set(changes) <= {(number, "77") for number in students}
    assert len(changes) + len(made.left_out) == len(students)
    assert all(abs(float(cell) - score) <= 0.005 + 1e-9 for cell in changes.values())
    assert all(re.fullmatch(r"\d+(\.\d\d?)?", cell) for cell in changes.values())
