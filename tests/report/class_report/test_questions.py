import pytest

from autograder.report.class_report.grid import make_grid
from autograder.report.class_report.item_map import draw_item_map
from autograder.report.class_report.overview import view_reliability
from autograder.report.class_report.questions import view_questions
from autograder.report.wording import Wording
from autograder.schema import Outcome

EN = Wording("en")


def view_cards(results):
    grid = make_grid(results)
    return view_questions(grid, grid.estimate_reliability(), EN)


def make_guttman(make_result, make_question, hard=4, students=20):
    """Students of rising ability; question k is passed by those above its step."""
    results = []
    for i in range(students):
        passed = [i >= (k + 1) * students // (hard + 1) for k in range(hard)]
        questions = [
            make_question(f"q{k + 1}", Outcome.PASSED if ok else Outcome.FAILED, float(ok), 1.0)
            for k, ok in enumerate(passed)
        ]
        results.append(make_result(questions, submission=f"s{i}", student=f"s{i}"))
    return results


def test_questions_that_order_students_alike_are_said_to_tell_them_apart(
    make_result, make_question
):
    cards = view_cards(make_guttman(make_result, make_question))
    assert [card.facility_text for card in cards] == ["80%", "60%", "40%", "20%"]
    assert all("well" in card.sentences[0] and card.tone == "good" for card in cards)


def test_a_question_that_is_turned_around_is_named(make_result, make_question):
    results = [
        make_result(
            [
                *result.questions,
                make_question("q9", score=float(result.score <= 2), points=1.0),
            ]
        )
        for result in make_guttman(make_result, make_question)
    ]
    card = view_cards(results)[-1]
    assert card.tone == "bad"
    assert "Weak students do better" in card.sentences[0]
    assert "more reliable" in card.sentences[-1]


def test_few_students_get_facility_but_no_discrimination(make_result, make_question):
    results = make_guttman(make_result, make_question, students=8)
    card = view_cards(results)[0]
    assert card.sentences[0].startswith("Too few students")
    assert card.groups == ()
    grid = make_grid(results)
    assert draw_item_map(grid, EN) is None
    assert "Too few" in view_reliability(grid.estimate_reliability(), 8, EN)


def test_strong_and_weak_students_are_shown_apart(make_result, make_question):
    strong, middle, weak = view_cards(make_guttman(make_result, make_question))[1].groups
    assert [one.outcome for one in strong.slices] == ["passed"]
    assert weak.slices[-1].outcome == "failed"
    assert weak.slices[-1].width > 60
    assert [one.outcome for one in middle.slices] == ["passed", "failed"]
    assert sum(one.width for one in middle.slices) == pytest.approx(100)


def test_those_who_never_reached_a_question_are_counted(make_result, make_question):
    results = [
        make_result([make_question("q1", Outcome.NOT_REACHED, 0.0), make_question("q2")])
        for _ in range(3)
    ]
    card = view_cards(results)[0]
    assert ("Never reached", "3") in card.figures
    assert "3 students never reached it" in " ".join(card.sentences)


def test_time_is_told_over_those_who_reached_the_question(make_result, make_question):
    results = [
        make_result([make_question(reference_seconds=float(second), limit_seconds=60.0)])
        for second in range(1, 12)
    ]
    late = make_question("q1", Outcome.NOT_REACHED, 0.0, limit_seconds=60.0)
    time = view_cards([*results, make_result([late])])[0].time
    assert time.text == "median 6 s, 90% within 10 s, limit 60 s"
    assert time.median == pytest.approx(10)
