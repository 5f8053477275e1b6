import itertools
import math
import re
import subprocess
import sys
from zoneinfo import ZoneInfo

import pytest

from autograder.report import render_feedback
from autograder.report.feedback import find_next_steps, summarise_score
from autograder.report.wording import Wording
from autograder.schema import Confusion, Outcome, Residuals, StudentError, Visibility
from autograder.schema.assessment import VisibilityConfig

DEFAULT = VisibilityConfig()
EN = Wording("en")
NASTY = (
    '<script>alert(1)</script><img src=x onerror="alert(2)">'
    "\"'><svg onload=alert(3)></style></pre></details>"
    "\x1b[31m\u202etxt.exe\u202c{{ 7*7 }}{% raw %}{0.__class__}`code<b>`"
)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_is_well_formed_and_needs_nothing_else(varied_result, parse, language):
    html = render_feedback(varied_result(language=language), visibility=DEFAULT)
    page = parse(html)
    tags = {tag for tag, _ in page.tags}
    assert page.find("html") == [{"lang": language}]
    assert "script" not in tags
    assert not tags & {"link", "img", "iframe", "object", "embed", "form", "base"}
    assert "://" not in html
    assert "url(" not in html


def test_landmarks_headings_and_references_hold_together(varied_result, parse):
    page = parse(render_feedback(varied_result(), visibility=DEFAULT))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        named = attributes.get("aria-labelledby", "").split()
        assert set(named) <= set(ids)
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in ids
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert len(page.find("main")) == 1


def test_every_drawing_is_named_or_hidden_from_screen_readers(varied_result, parse):
    page = parse(render_feedback(varied_result(), visibility=DEFAULT))
    for attributes in page.find("svg"):
        named = "aria-labelledby" in attributes or "aria-label" in attributes
        assert attributes.get("aria-hidden") == "true" or (attributes["role"] == "img" and named)


def test_every_outcome_has_its_word(varied_result, parse):
    words = parse(render_feedback(varied_result(), visibility=DEFAULT)).words
    for word in (
        "Passed",
        "Partly passed",
        "Not passed",
        "Stopped by an error",
        "Over the time limit",
        "Out of memory",
        "Not run",
        "Not accepted",
        "Graded by a person",
    ):
        assert word in words


def test_withheld_checks_show_their_number_and_nothing_else(varied_result):
    html = render_feedback(varied_result(), visibility=DEFAULT)
    assert "1 of 2 hidden checks did not pass." in html
    assert "The 1 hidden check passed." in html
    assert "HINT" not in html
    assert "q2-3" not in html
    assert "SHOWN" in html


def test_opened_hidden_checks_show_their_message_but_never_what_staff_see(varied_result):
    config = VisibilityConfig(hidden_tests=Visibility.VISIBLE)
    html = render_feedback(varied_result(), visibility=config)
    assert "Hidden check 1: Not passed" in html
    assert "HINT" in html
    assert "SECRET" not in html


def test_without_scores_no_points_are_told(varied_result, parse):
    config = VisibilityConfig(score=False)
    words = parse(render_feedback(varied_result(), visibility=config)).words
    assert not re.search(r"\d / \d", words)
    assert "up to" not in words
    assert "What to do next" in words


def test_hostile_text_stays_text(make_result, make_question, make_case, make_training, parse):
    training = make_training(
        metric=NASTY,
        history={NASTY: (0.1, 0.2), "loss": (1.0, 0.5)},
        confusion=Confusion(labels=(NASTY, "b"), counts=((3, 1), (0, 4))),
    )
    question = make_question(
        NASTY,
        Outcome.ERROR,
        0.0,
        title=NASTY,
        message=NASTY,
        next_step=NASTY,
        error=StudentError(cell=1, name=NASTY, text=NASTY, traceback=NASTY),
        test_cases=(make_case("q1-1", Outcome.FAILED, message=NASTY),),
        training=training,
    )
    result = make_result(
        [question], student=NASTY, title=NASTY, message=NASTY, notices=(NASTY,), variant=NASTY
    )
    html = render_feedback(result, visibility=DEFAULT)
    page = parse(html)
    allowed = {"img", "script", "iframe"}
    assert not allowed & {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", html)
    assert "49" not in page.words
    assert "[U+202E]" in html


def test_the_student_sees_the_end_of_a_long_traceback_with_its_empty_lines(
    make_result, make_question
):
    lines = [f"frame {i}" for i in range(5000)] + ["", "KeyError: 'x_train'"]
    error = StudentError(name="KeyError", traceback="\x1b[31m" + "\n".join(lines))
    question = make_question("q1", Outcome.ERROR, 0.0, error=error)
    html = render_feedback(make_result([question]), visibility=DEFAULT)
    assert "frame 4999\n\nKeyError: &#39;x_train&#39;</pre>" in html
    assert "in a call by the grader" in html
    assert len(html) < 40_000


def test_non_finite_numbers_break_nothing(make_result, make_question, make_training, parse):
    training = make_training(
        value=math.nan,
        seconds=math.inf,
        history={"loss": (math.nan, math.inf), "val_loss": (None, -math.inf)},
        confusion=None,
        residuals=Residuals(edges=(math.nan, 1.0), counts=(2,)),
    )
    question = make_question(
        "q1", Outcome.FAILED, math.nan, training=training, reference_seconds=math.inf
    )
    page = parse(render_feedback(make_result([question]), visibility=DEFAULT))
    assert "not a number" in page.words
    assert not re.search(r"\b(nan|inf)\b", page.words)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_grader_error_is_our_fault_and_shows_no_score(varied_result, parse, language):
    result = varied_result(
        language=language, outcome="grader_error", score=None, staff_message="SECRET trace"
    )
    page = parse(render_feedback(result, visibility=DEFAULT))
    fault = {"ko": "학생의 잘못이 아니라", "en": "This is our fault, not yours."}[language]
    assert fault in page.words
    assert "SECRET" not in page.words
    assert not re.search(r"\d / \d", page.words)


def test_an_unreadable_notebook_shows_its_message(make_result, parse):
    result = make_result(score=0.0, message="`kim.ipynb` is not a notebook.")
    page = parse(render_feedback(result, visibility=DEFAULT))
    assert "kim.ipynb is not a notebook." in page.words
    assert "What to do next" not in page.words


def test_the_same_result_gives_the_same_page(varied_result):
    first, second = (render_feedback(varied_result(), visibility=DEFAULT) for _ in range(2))
    assert first == second


def test_dates_are_told_in_the_readers_language_and_zone(make_result):
    html = render_feedback(
        make_result(language="ko"), visibility=DEFAULT, zone=ZoneInfo("Asia/Seoul")
    )
    assert "2026년 11월 23일 00:04 KST" in html
    assert "November 22, 2026 15:04 UTC" in render_feedback(make_result(), visibility=DEFAULT)


def test_a_course_can_bring_its_own_template(make_result, tmp_path):
    folder = tmp_path / "templates" / "report"
    folder.mkdir(parents=True)
    (folder / "feedback.html.j2").write_text("ours: {{ result.student }}", encoding="utf-8")
    result = make_result(student="<b>")
    assert render_feedback(result, visibility=DEFAULT, course=tmp_path) == "ours: &lt;b&gt;"


def test_next_steps_are_the_three_that_gain_most(make_result, make_question):
    losses = [0.5, 3.0, 0.0, 1.0, 2.0]
    questions = [
        make_question(f"q{i}", Outcome.FAILED if loss else Outcome.PASSED, 4.0 - loss, 4.0)
        for i, loss in enumerate(losses)
    ]
    steps = find_next_steps(make_result(questions), EN, with_points=True)
    assert [(step.name, step.gain) for step in steps] == [
        ("q1", "up to 3 points"),
        ("q4", "up to 2 points"),
        ("q3", "up to 1 point"),
    ]
    assert [step.anchor for step in steps] == ["question-2", "question-5", "question-4"]


def test_questions_that_were_not_run_count_for_the_one_that_stopped_them(
    make_result, make_question
):
    questions = [
        make_question("q1", Outcome.FAILED, 0.0, 3.0),
        make_question("q2", Outcome.TIME_LIMIT, 0.0, 2.0, next_step="Train less."),
        make_question("q3", Outcome.NOT_REACHED, 0.0, 2.0),
        make_question("q4", Outcome.NOT_REACHED, None, 9.0, manual=True),
    ]
    steps = find_next_steps(make_result(questions), EN, with_points=True)
    assert [(step.name, step.gain) for step in steps] == [
        ("q2", "up to 4 points"),
        ("q1", "up to 3 points"),
    ]
    assert steps[0].text == "Train less."


def test_where_points_are_hidden_the_order_of_steps_does_not_tell_them(make_result, make_question):
    questions = [
        make_question("q1", Outcome.FAILED, 1.0),
        make_question("q2", Outcome.FAILED, 0.0),
    ]
    steps = find_next_steps(make_result(questions), EN, with_points=False)
    assert [(step.name, step.gain) for step in steps] == [("q1", ""), ("q2", "")]


@pytest.mark.parametrize(
    ("scores", "manual", "meaning"),
    [
        ((2, 2), 0, "Every question has full marks."),
        ((2, 1), 0, "1 question does not have full marks yet."),
        ((2, 1, 0), 0, "2 questions do not have full marks yet."),
        ((0, 0), 0, "No question has full marks yet."),
        (
            (2,),
            1,
            "Every question has full marks. 1 question is graded by a person; its points come later.",
        ),
        ((), 0, ""),
    ],
)
def test_the_score_is_explained(make_result, make_question, scores, manual, meaning):
    questions = [make_question(f"q{i}", score=score) for i, score in enumerate(scores)]
    questions += [make_question(f"m{i}", score=None, manual=True) for i in range(manual)]
    assert summarise_score(make_result(questions), EN) == meaning


def test_reports_start_without_matplotlib_and_keras():
    code = (
        "import sys, autograder.report; "
        "sys.exit(bool({'matplotlib', 'keras', 'tensorflow', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_training_below_full_marks_is_told_where_to_get_to(
    make_result, make_question, make_training, make_case
):
    case = make_case("q1-training", Outcome.PARTIAL, 2.0, score=1.0)
    question = make_question(
        "q1", Outcome.PARTIAL, 1.0, training=make_training(), test_cases=(case,)
    )
    step = find_next_steps(make_result([question]), EN, with_points=True)[0]
    assert step.text.startswith("Improve the model until it reaches 0.85")
