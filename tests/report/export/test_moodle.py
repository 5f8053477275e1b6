"""The file is read back as Moodle reads it.

`Worksheet` holds the rules of `mod/assign/feedback/offline`, `Gradebook` those of
`grade/import/csv` ("Grade import", docs.moodle.org): the latter stops as a whole at an unknown or
doubtful address, and a row without user goes to the student of the row before.
"""

import csv
import html
import io
import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.report.export import Attempt, ExportOptions, Reason, RosterFile
from autograder.report.export.moodle import MoodleExporter
from autograder.schema import Outcome, Visibility
from autograder.schema.assessment import VisibilityConfig
from tests.report.export.conftest import make_minimal

HEAD = [
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"),
    *("Grade can be changed", "Last modified (submission)", "Online text"),
    *("Last modified (grade)", "Feedback comments"),
]
STUDENTS = {
    "11": ("김서연", "Seoyeon@snu.ac.kr"),
    "12": (unicodedata.normalize("NFD", "이도윤"), "doyun@snu.ac.kr"),
    "13": ("김민수", "minsu1@snu.ac.kr"),
    "14": ("김민수", "minsu2@snu.ac.kr"),
    "15": ("=HYPERLINK(A1)", "f@snu.ac.kr"),
}
SUBMITTED = "Monday, 2 November 2026, 11:58 PM"


def write(rows, delimiter=","):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue()


def parse(content):
    """As Moodle's reader: mark stripped, every line as wide as the header."""
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    assert all(len(row) == len(head) for row in rows), "csvweirdcolumns"
    return [cell.strip() for cell in head], rows


class Worksheet:
    """An assignment in Moodle with simple grading and feedback comments."""

    def __init__(self, students=STUDENTS, maximum="10.00", grades=None, locked=()):
        self.students, self.maximum = students, maximum
        self.grades, self.locked = grades or {}, locked

    def export(self, head=HEAD):
        rows = [head]
        for number, (name, email) in self.students.items():
            grade, feedback = self.grades.get(number, ("", ""))
            values = {
                "Identifier": f"Participant {number}",
                "Full name": name,
                "Email address": email,
                "Status": "Submitted for grading - - ",
                "Grade": grade,
                "Maximum Grade": self.maximum,
                "Grade can be changed": "No" if number in self.locked else "Yes",
                "Last modified (submission)": SUBMITTED,
                "Online text": "=1+1\nmore, text",
                "Last modified (grade)": "-",
                "Feedback comments": feedback,
            }
            rows.append([values[name] for name in head])
        return RosterFile("worksheet.csv", write(rows).encode("utf-8-sig"))

    def read(self, content):
        """Import: what changes, as `{participant: (grade, feedback)}`."""
        head, rows = parse(content)
        assert {"Identifier", "Grade", "Last modified (grade)"} <= set(head)
        changes = {}
        for row in rows:
            cells = dict(zip(head, row, strict=True))
            number = cells["Identifier"][len("Participant ") :]
            if number not in self.students:
                continue
            old = self.grades.get(number, ("", ""))
            grade, feedback = cells["Grade"], cells.get("Feedback comments", old[1])
            passed = not grade or number in self.locked or float(grade) > float(self.maximum)
            new = (old[0] if passed else grade, feedback)
            if new != old:
                changes[number] = new
        return changes


class Gradebook:
    """A course in Moodle whose gradebook imports a CSV, columns mapped by hand."""

    def __init__(self, emails):
        self.emails = emails

    def read(self, content, item):
        head, rows = parse(content)
        assert head == ["Email address", "ID number", item, f"{item} feedback"]
        grades, user = {}, None
        for email, _, grade, feedback in rows:
            if email:
                assert email in self.emails, f"the import stops: {email} is unknown"
                user = email
            assert user is not None
            assert grade, "feedback alone wipes the grade"
            assert user not in grades, "this row overwrites another student"
            grades[user] = (float(grade), feedback)
        return grades


class Text(HTMLParser):
    """What a browser shows of feedback, and its tags."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.words = [], ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attributes):
        assert not attributes
        self.tags.append(tag)

    def handle_data(self, data):
        self.words += data


def export(results, options, roster=None, **more):
    made = MoodleExporter().export(results, options(roster=roster, **more))
    (content,) = made.files.values()
    return made, content


def test_a_worksheet_gets_grade_and_feedback_and_keeps_everything_else(make_person, options):
    sheet = Worksheet(grades={"13": ("4.00", "<p>by hand</p>")})
    results = [
        make_person("김서연", 7.123456, platform_id="11"),
        make_person("이도윤", 10.0, platform_id="12"),
    ]
    made, content = export(results, options, sheet.export())
    changes = sheet.read(content)
    assert {number: grade for number, (grade, _) in changes.items()} == {
        "11": "7.12346",
        "12": "10",
    }
    assert all(feedback.startswith("<ul>") for _, feedback in changes.values())
    assert made.left_out == ()
    before, after = parse(sheet.export().content), parse(content)
    assert after[0] == before[0]
    for old, new in zip(before[1], after[1], strict=True):
        changed = {HEAD[i] for i in range(len(HEAD)) if old[i] != new[i]}
        assert changed <= {"Grade", "Feedback comments", "Full name", "Online text"}
        assert new[0] == old[0]


def test_cells_that_moodle_ignores_are_disarmed_and_its_own_are_not(make_person, options):
    sheet = Worksheet(grades={"15": ("1.00", "=by hand")})
    _, content = export([make_person("김서연", platform_id="11")], options, sheet.export())
    row = dict(zip(HEAD, parse(content)[1][-1], strict=True))
    assert row["Full name"] == "'=HYPERLINK(A1)"
    assert row["Online text"] == "'=1+1\nmore, text"
    assert row["Feedback comments"] == "=by hand"
    assert row["Last modified (grade)"] == "-"
    assert row["Identifier"] == "Participant 15"
    assert "15" not in sheet.read(content)


@pytest.mark.parametrize(
    ("values", "number"),
    [
        ({"student": "kim", "email": "minsu2@SNU.ac.kr"}, "14"),
        ({"student": "김민수", "platform_id": "13"}, "13"),
        ({"student": "이도윤"}, "12"),
    ],
)
def test_students_are_found_by_participant_address_or_name(make_person, options, values, number):
    sheet = Worksheet()
    _, content = export([make_person(values.pop("student"), **values)], options, sheet.export())
    assert set(sheet.read(content)) == {number}


@pytest.mark.parametrize(
    "values",
    [
        {"student": "김민수"},
        {"student": "이도윤", "platform_id": "11", "email": "other@snu.ac.kr"},
        {"student": "박하은", "platform_id": "12"},
    ],
)
def test_who_is_in_doubt_is_listed(make_person, options, values):
    sheet = Worksheet()
    made, content = export([make_person(values.pop("student"), **values)], options, sheet.export())
    assert sheet.read(content) == {}
    assert [one.reason for one in made.left_out] == [Reason.UNMATCHED]


def test_a_worksheet_without_names_is_filled_by_participant(make_person, options):
    head = [name for name in HEAD if name not in ("Full name", "Email address")]
    sheet = Worksheet()
    _, content = export([make_person("Participant", platform_id="13")], options, sheet.export(head))
    assert set(sheet.read(content)) == {"13"}


@pytest.mark.parametrize(
    ("sheet", "word"),
    [(Worksheet(locked=("11",)), "locked"), (Worksheet(maximum="5,00"), "maximum grade of 5")],
)
def test_a_grade_that_moodle_passes_over_is_listed(make_person, options, sheet, word):
    made, content = export([make_person("김서연", platform_id="11")], options, sheet.export())
    (left,) = made.left_out
    assert left.reason is Reason.REFUSED
    assert word in left.detail
    cells = dict(zip(HEAD, parse(content)[1][0], strict=True))
    assert cells["Grade"] == cells["Feedback comments"] == ""


def test_other_points_and_missing_comments_are_told(make_person, options):
    head = [name for name in HEAD if name != "Feedback comments"]
    roster = Worksheet(maximum="100.00").export(head)
    made, _ = export([make_person("김서연", platform_id="11")], options, roster)
    assert "not scaled" in made.notes[0]
    assert "Feedback comments" in made.notes[1]


def test_everything_wrong_with_a_worksheet_is_one_error(make_person, options):
    rows = ["Identifier,Full name,Scale", "Participant 1,A,", "Participant 1,B,", "참여자,C,"]
    roster = RosterFile("sheet.csv", "\n".join(rows).encode("cp949"))
    with pytest.raises(UsageError) as caught:
        export([make_person("a")], options, roster)
    text = str(caught.value)
    for words in (
        "'Grade'",
        "'Last modified (grade)'",
        "stands in 2 rows",
        "'참여자'",
        "scale",
        "English",
    ):
        assert words in text


def test_a_file_of_another_kind_is_refused(make_person, options):
    with pytest.raises(UsageError, match="neither a column 'Identifier' nor 'Email address'"):
        export([make_person("a")], options, RosterFile("x.csv", "이름,학번\n김,1\n".encode()))


def test_without_a_roster_each_row_has_an_address_and_grade_and_feedback_together(
    make_person, options
):
    results = [
        make_person("김서연", 7.5, email="Seoyeon@snu.ac.kr"),
        make_person("no address", 3.0, platform_id="14"),
        make_person("이도윤", 0.0, email="doyun@snu.ac.kr"),
    ]
    made, content = export(results, options)
    grades = Gradebook({"Seoyeon@snu.ac.kr", "doyun@snu.ac.kr"}).read(content, "숫자, Digits")
    assert {email: grade for email, (grade, _) in grades.items()} == {
        "Seoyeon@snu.ac.kr": 7.5,
        "doyun@snu.ac.kr": 0.0,
    }
    assert [one.student for one in made.left_out] == ["no address"]
    assert "nobody was checked" in made.notes[0]


def test_a_list_of_the_gradebook_gives_its_own_spelling_of_addresses(make_person, options):
    rows = [
        ["First name", "Last name", "ID number", "Email address"],
        ["서연", "김", "2025-1", "Seoyeon@snu.ac.kr"],
        ["도윤", "이", "2025-2", ""],
    ]
    roster = RosterFile("grades.csv", write(rows, "\t").encode("utf-16"))
    results = [make_person("김서연", email="seoyeon@snu.ac.kr"), make_person("이도윤")]
    made, content = export(results, options, roster, column="과제 1")
    assert set(Gradebook({"Seoyeon@snu.ac.kr"}).read(content, "과제 1")) == {"Seoyeon@snu.ac.kr"}
    assert parse(content)[1][0][1] == "2025-1"
    assert [(one.student, one.reason) for one in made.left_out] == [("이도윤", Reason.REFUSED)]


def test_grades_above_a_hundred_are_told(make_person, options):
    made, _ = export([make_person("a", 120.0, email="a@x.org")], options)
    assert any("above 100" in note for note in made.notes)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_feedback_tells_each_question_in_the_students_language(varied_result, options, language):
    _, content = export([varied_result(language=language)], options)
    (row,) = parse(content)[1]
    shown = Text(row[3])
    assert set(shown.tags) <= {"p", "ul", "li", "strong", "code"}
    assert shown.tags.count("li") == 10
    assert "128" in shown.words
    assert {"ko": "일부 통과 (1 / 2)", "en": "Partly passed (1 / 2)"}[language] in shown.words
    assert {"ko": "오류로 멈춤", "en": "Stopped by an error"}[language] in shown.words
    assert "\n" not in row[3]


def test_feedback_shows_nothing_hidden(varied_result, options):
    _, content = export([varied_result(staff_message="SECRET")], options)
    feedback = parse(content)[1][0][3]
    for hidden in ("SECRET", "HINT", "FINE", "q2-3", "q2-4", "0.1234"):
        assert hidden not in feedback
    assert "Hidden checks not passed: 1 of 2." in Text(feedback).words


def test_feedback_tells_no_points_where_students_shall_not_see_them(varied_result, options):
    hidden = VisibilityConfig(score=False, public_tests=Visibility.HIDDEN)
    _, content = export([varied_result()], options, visibility=hidden)
    assert " / " not in Text(parse(content)[1][0][3]).words


def test_feedback_of_an_unreadable_upload_is_its_message(make_result, options):
    result = make_result(message="This is a PDF.", notices=["Late."], score=0.0)
    _, content = export([result], options)
    assert parse(content)[1][0][3] == "<p>This is a PDF.</p><p>Late.</p>"


def test_what_a_student_wrote_is_text_in_the_feedback(make_question, make_result, options):
    nasty = "<script>x</script>\u202e`<b>`&amp;"
    question = make_question("q1", Outcome.FAILED, 0.0, message=nasty, title=nasty)
    _, content = export([make_result([question], message=nasty)], options)
    shown = Text(parse(content)[1][0][3])
    assert "script" not in shown.tags
    assert shown.words.count("<script>x</script>[U+202E]") == 3
    assert "&amp;" in shown.words


@given(
    students=st.dictionaries(
        st.integers(1, 10**6).map(str),
        st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=10),
        min_size=1,
        max_size=6,
    ),
    score=st.floats(0, 10),
)
def test_any_class_gets_its_grades_back(students, score):
    people = {number: (name, f"s{number}@x.org") for number, name in students.items()}
    sheet = Worksheet(people)
    results = [
        make_minimal(number, name, score, email=f"s{number}@x.org")
        for number, name in students.items()
    ]
    options = ExportOptions("a", "Digits", roster=sheet.export(), attempt=Attempt.BEST)
    made = MoodleExporter().export(results, options)
    changes = sheet.read(made.files["a-moodle.csv"])
    assert set(changes) == set(students)
    assert all(abs(float(grade) - score) <= 0.00001 for grade, _ in changes.values())


def test_html_module_agrees_that_feedback_is_escaped_once(make_question, make_result, options):
    question = make_question("q1", Outcome.FAILED, 0.0, message="a < b & c")
    _, content = export([make_result([question])], options)
    feedback = parse(content)[1][0][3]
    assert "a &lt; b &amp; c" in feedback
    assert html.unescape(re.sub("<[^>]+>", "", feedback)).count("a < b & c") == 1
