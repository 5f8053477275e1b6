import re

import pytest

from autograder.report import render_class_page
from autograder.schema import Outcome


def render(results, **more):
    values = {"title": "Digits", "language": "en", "links": {}}
    return render_class_page(results, **{**values, **more})


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_class_page_is_well_formed_in_both_languages(varied_result, parse, language):
    results = [varied_result(submission=f"s{i}") for i in range(4)]
    page = parse(render(results, language=language))
    assert page.find("html") == [{"lang": language}]
    assert not page.find("script")


def test_an_empty_class_gives_a_page(parse):
    assert "Submissions 0" in parse(render([])).words


def test_mean_median_and_full_marks_are_told(make_result, make_question, parse):
    results = [
        make_result([make_question(score=score, points=10.0)], submission=str(score))
        for score in (2.0, 9.0, 10.0)
    ]
    words = parse(render(results)).words
    assert "Mean score 7 / 10" in words
    assert "Median score 9 / 10" in words
    assert "Full marks 1" in words


def test_grader_errors_stand_first_and_count_in_no_figure(make_result, make_question, parse):
    good = make_result([make_question(score=10.0, points=10.0)])
    failed = make_result(
        submission="lee", outcome="grader_error", score=None, staff_message="kernel did not start"
    )
    words = parse(render([good, failed])).words
    assert words.index("The grader failed on 1 submission") < words.index("Mean score 10 / 10")
    assert "kernel did not start" in words


def test_the_facility_is_the_mean_share_of_points(make_result, make_question, parse):
    results = [make_result([make_question(score=score)]) for score in (0.0, 0.96, 2.0, 2.0)]
    assert "62%" in parse(render(results)).words


def test_links_lead_to_feedback_and_nowhere_else(make_result, parse):
    links = {
        "a": "a b#?/feedback.html",
        "b": "javascript:alert(1)",
        "c": "//evil.example/x",
        "d": '"><script>',
    }
    page = parse(render([make_result(submission=name) for name in links], links=links))
    hrefs = [link["href"] for link in page.find("a") if not link["href"].startswith("#")]
    hrefs = hrefs[-len(links) :]  # of the table of students
    assert hrefs == [
        "a%20b%23%3F/feedback.html",
        "javascript%3Aalert%281%29",
        "evil.example/x",
        "%22%3E%3Cscript%3E",
    ]


def test_hostile_names_and_messages_stay_text(make_result, make_question, parse):
    nasty = "<script>x</script>\u202e<img onerror=y>\x1b[31m"
    question = make_question(nasty, Outcome.FAILED, 0.0, title=nasty, message=nasty)
    results = [
        make_result([question], student=nasty, submission=nasty),
        make_result(outcome="grader_error", score=None, student=nasty, staff_message=nasty),
    ]
    html = render(results, title=nasty)
    page = parse(html)
    assert not page.find("script")
    assert not page.find("img")
    assert not re.search("[\x1b\u202e]", html)


def test_a_submission_without_questions_shows_its_message(make_result, parse):
    page = parse(render([make_result(score=0.0, message="Not a notebook.")]))
    assert "Not a notebook." in page.words


def test_no_link_leads_out_of_the_folder_or_to_a_place_that_is_not_there(varied_result, parse):
    page = parse(render([varied_result(submission=f"s{i}") for i in range(12)]))
    places = {attributes.get("id") for _, attributes in page.tags}
    for tag in ("a", "use"):
        for attributes in page.find(tag):
            assert attributes["href"].removeprefix("#") in places


def test_no_two_things_have_one_id(varied_result, parse):
    page = parse(render([varied_result(submission=f"s{i}") for i in range(12)]))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
