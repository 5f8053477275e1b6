"""The page of a whole class: complete, in both languages, bounded, and hard to break."""

import json
import math
import re
import time

import pytest
from babel.messages.pofile import read_po

import autograder.report.wording as wording_module
from autograder.language import find_templates
from autograder.report import render_class_page
from autograder.schema import Outcome, StudentError

NASTY = "</script><script>x</script>\u202e<img onerror=y>\x1b[31m{{ 7*7 }}\ud800"


def render(results, language="en", **more):
    links = {result.submission: f"{result.submission}/feedback.html" for result in results}
    values = {"title": "Digits", "language": language, "links": links}
    return render_class_page(results, **{**values, **more})


def name_notebooks(made):
    notebooks, released = made
    return {f"s{i:03d}": one for i, one in enumerate(notebooks.values())}, released


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_class_has_every_section(make_class, make_notebooks, parse, language):
    notebooks, released = name_notebooks(make_notebooks(56, copies=4))
    page = parse(render(make_class(60, language), language, notebooks=notebooks, released=released))
    sections = [tag["id"] for tag in page.find("h2")]
    assert sections == (
        [
            "actions",
            "scores",
            "questions",
            "cases",
            "errors",
            "trainings",
            "times",
            "similarity",
            "students",
        ]
    )
    assert not page.find("script")


def test_a_korean_page_has_no_english_left(make_class, make_notebooks, monkeypatch):
    asked = set()
    translate = wording_module.translate

    def note(language, message, **values):
        asked.add(message)
        return translate(language, message, **values)

    monkeypatch.setattr(wording_module, "translate", note)
    notebooks, released = name_notebooks(make_notebooks(56, copies=4))
    render(make_class(90, "ko"), "ko", notebooks=notebooks, released=released)
    render(make_class(6, "ko"), "ko")
    known = set()
    for path in (find_templates() / "locale" / "ko").glob("*.po"):
        with path.open("rb") as file:
            known.update(message.id for message in read_po(file))
    assert len(asked) > 100
    assert asked - known == set()


def test_without_notebooks_there_is_no_section_on_similar_code(make_class):
    page = render(make_class(20))
    assert "Similar code" not in page
    assert "Similar code" not in render(make_class(20), notebooks={})


def test_similar_code_is_never_called_cheating(make_class, make_notebooks, parse):
    notebooks, released = name_notebooks(make_notebooks(56, copies=4))
    words = parse(render(make_class(60), notebooks=notebooks, released=released)).words.lower()
    assert "pairs to look at, never an accusation" in words
    assert not re.search("cheat|plagiar|copied|dishonest", words)


def test_three_hundred_students_take_seconds_and_under_two_megabytes(make_class, make_notebooks):
    results = make_class(300)
    notebooks, released = name_notebooks(make_notebooks(294, copies=6))
    started = time.process_time()
    page = render(results, notebooks=notebooks, released=released)
    assert time.process_time() - started < 10  # 3 on the machine it was written on
    assert len(page.encode()) < 2_000_000


def test_the_order_of_students_changes_only_the_order(make_class):
    results = make_class(40)
    page, turned = (render(some) for some in (results, results[::-1]))
    sections = [
        text[text.index('id="questions"') : text.index('id="errors"')] for text in (page, turned)
    ]
    assert sections[0] == sections[1]


def test_a_hostile_notebook_leaves_the_page_whole(make_class, make_notebooks, parse):
    notebooks, released = name_notebooks(make_notebooks(20, copies=1))
    copied = notebooks["s000"]
    poisoned = json.loads(copied)
    for cell in poisoned["cells"][2:]:
        cell["source"] = cell["source"] + "\n# " + "</pre><script>x</script>\u202e\x1b[31m" * 50
    huge = {"cells": [{"cell_type": "code", "source": "x = [" + "1, " * 3_000_000}]}
    notebooks |= {
        "s000": json.dumps(poisoned).encode(),
        "s001": json.dumps(huge).encode(),
        "s002": b"\x00" * 1000,
        "s003": json.dumps({"cells": [{"cell_type": "code", "source": "(" * 5_000}]}).encode(),
    }
    html = render(make_class(21), notebooks=notebooks, released=released)
    page = parse(html)
    assert not page.find("script")
    assert not re.search("[\x1b\u202e]", html)
    assert len(html) < 1_000_000


def test_hostile_texts_and_numbers_leave_the_page_whole(
    make_result, make_question, make_training, make_case, parse
):
    def make(i):
        bad = (math.nan, math.inf, -math.inf, 1e308, -5.0, None)[i % 6]
        history = {NASTY: (bad, 1.0), "loss": (bad, 1.0, math.nan), "val_loss": ()}
        training = make_training(
            metric=NASTY,
            value=bad,
            full_marks_at=bad if bad is not None else 1.0,
            parameters=10**30 if i % 2 else -3,
            seconds=bad,
            history=history,
        )
        case = make_case(NASTY, Outcome.FAILED, score=bad, points=0.0, staff_message=NASTY)
        error = StudentError(name=NASTY * 50, text=NASTY * 500)
        question = make_question(
            NASTY,
            Outcome.ERROR,
            bad,
            title=NASTY,
            message=NASTY,
            error=error,
            reference_seconds=bad or 0.0,
            limit_seconds=bad or 0.0,
            wall_seconds=bad or 0.0,
            test_cases=(case,),
            training=training,
        )
        more = {"score": bad, "points": 2.0, "wall_seconds": bad or 0.0, "message": NASTY}
        plain = make_question("q2", score=float(i % 2))
        return make_result([question, plain], student=NASTY, submission=f"{NASTY}{i}", **more)

    html = render([make(i) for i in range(24)], title=NASTY, notebooks={NASTY: b"{"})
    page = parse(html)
    assert not page.find("script")
    assert not page.find("img")
    assert not re.search("[\x1b\u202e\ud800]", html)
    assert " 49 " not in page.words
    assert not re.search(r"=\"-?(nan|inf)", html)


def test_a_thousand_questions_give_a_bounded_page(make_result, make_question, make_case, parse):
    def make(i):
        questions = [
            make_question(
                f"q{n}",
                score=float((i * n) % 3),
                message=f"message {chr(97 + n % 26)}",
                test_cases=(make_case(f"q{n}-1", hidden=True),),
            )
            for n in range(1000)
        ]
        return make_result(questions, submission=f"s{i}", student=f"s{i}")

    results = [make(i) for i in range(30)]
    started = time.process_time()
    html = render(results)
    assert time.process_time() - started < 10
    assert len(html) < 2_000_000
    assert "The other 960 questions" in parse(html).words
