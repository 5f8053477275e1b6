import unicodedata
from datetime import timedelta

import pytest

from autograder.report.export import Attempt
from autograder.report.export.people import choose_attempt, group_results, is_email
from tests.report.export.conftest import NOON


def test_id_and_address_link_results_of_one_student(make_person):
    results = [
        make_person("a", platform_id="1", slug="x"),
        make_person("a", email="a@x.org", slug="y"),
        make_person("a", platform_id="1", email="A@x.org", slug="z"),
    ]
    assert [len(group) for group in group_results(results)] == [3]


def test_an_id_of_another_name_is_of_another_platform(make_person):
    results = [make_person("a", platform_id="1"), make_person("b", platform_id="1")]
    assert len(group_results(results)) == 2


def test_a_name_alone_joins_nobody(make_person):
    results = [make_person("김민수", slug="a"), make_person("김민수", slug="b")]
    assert len(group_results(results)) == 2


def test_names_in_pieces_are_the_same_name(make_person):
    pieces = unicodedata.normalize("NFD", "이도윤")
    results = [make_person("이도윤", platform_id="1"), make_person(pieces, platform_id="1")]
    assert len(group_results(results)) == 1


def test_names_with_commas_do_not_make_a_group(make_person):
    (group,) = group_results([make_person("Kim, Seoyeon", email="kim@x.org")])
    assert [result.student for result in group] == ["Kim, Seoyeon"]


def test_members_are_counted_by_addresses_where_names_have_commas(make_person):
    groups = group_results([make_person("Kim, A, Lee, B", email="k@x.org, l@x.org")])
    assert [group[0].email for group in groups] == ["k@x.org", "l@x.org"]
    assert {group[0].student for group in groups} == {"Kim, A, Lee, B"}


def test_of_equal_attempts_the_one_submitted_last_counts(make_person):
    early = make_person("a", 9.0)
    late = early.model_copy(update={"submitted_at": NOON + timedelta(days=1), "score": 1.0})
    unknown = early.model_copy(update={"submitted_at": None, "score": 5.0})
    chosen, left = choose_attempt((late, unknown, early), Attempt.LATEST)
    assert chosen.score == 1.0
    assert len(left) == 2


def test_of_equal_scores_the_latest_attempt_is_the_best(make_person):
    group = (make_person("a", 5.0, attempt=2), make_person("a", 5.0, attempt=1))
    assert choose_attempt(group, Attempt.BEST)[0].attempt == 2


@pytest.mark.parametrize("score", [None, float("nan"), float("inf")])
def test_what_is_no_number_is_no_score(make_person, score):
    result = make_person("a").model_copy(update={"score": score})
    for attempt in Attempt:
        assert choose_attempt((result,), attempt)[0] is None


@pytest.mark.parametrize("text", ["a@x.org", "+a.b-c@x.ac.kr", "김@서울.한국", "a_b%c@x"])
def test_addresses(text):
    assert is_email(text)


@pytest.mark.parametrize(
    "text", ["", "a", "=a@x", "a@x, b@x", "a b@x", "+a|'x'!A0@x", "a@x(1)", "@x"]
)
def test_what_is_no_address(text):
    assert not is_email(text)
