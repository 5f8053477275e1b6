"""A class is scored again: proposed, applied, taken back; failures and conflicts are told."""

from __future__ import annotations

import pytest

from autograder import pipeline
from autograder.bulk.audience import Audience
from autograder.bulk.changes import compare_results
from autograder.errors import UsageError
from autograder.schema import Outcome, QuestionResult, TestCaseResult, TrainingResult
from autograder.store import Change
from tests.bulk.making import answer
from tests.store.making import make_result

OTHER = "sha256:bbbb"


@pytest.fixture
def graded(room):
    work = [answer(name, f"score = {n}") for n, name in enumerate(("kim", "lee", "park"), 1)]
    pipeline.grade_class(room.open_book(), work, Audience())
    room.change_bundle(OTHER)
    return room


def scores(room):
    return {result.submission: result.bundle for result in pipeline.load_results(room.open_book())}


def propose(room, since=""):
    return pipeline.propose_regrade(room.open_book(), Audience(), since)


def test_nothing_counts_before_it_is_applied_and_it_can_be_taken_back(graded):
    book = graded.open_book()
    before = {n: (graded.results / n / "result.json").read_bytes() for n in ("kim", "lee")}
    proposal = propose(graded)
    assert proposal.regrade.submissions == 3
    assert dict(proposal.ways) == {"kept": 3}
    assert set(scores(graded).values()) == {"sha256:aaaa"}
    assert {n: (graded.results / n / "result.json").read_bytes() for n in before} == before
    pipeline.settle_regrade(book)
    assert set(scores(graded).values()) == {OTHER}
    assert OTHER.encode() in (graded.results / "kim" / "result.json").read_bytes()
    assert (graded.results / "kim" / "executed.ipynb").read_bytes() == b"executed kim"
    pipeline.settle_regrade(book, back=True)
    assert set(scores(graded).values()) == {"sha256:aaaa"}
    assert (graded.results / "kim" / "result.json").read_bytes() == before["kim"]


def test_what_is_of_this_bundle_already_is_left(graded):
    propose(graded)
    pipeline.settle_regrade(graded.open_book())
    assert propose(graded).regrade is None


def test_a_grade_after_an_applied_regrade_repeats_nothing(graded):
    propose(graded)
    pipeline.settle_regrade(graded.open_book())
    before = graded.graded()
    work = [answer(name, f"score = {n}") for n, name in enumerate(("kim", "lee", "park"), 1)]
    pipeline.grade_class(graded.open_book(), work, Audience())
    assert graded.graded() == before


def test_since_chooses_results_of_one_bundle(graded):
    pipeline.grade_class(graded.open_book(), [answer("choi", "score = 5")], Audience())
    graded.change_bundle("sha256:cccc")
    assert propose(graded, "bbb").regrade.submissions == 1
    assert propose(graded, "sha256:aa").regrade.submissions == 3
    with pytest.raises(UsageError, match=r"no result is of the bundle zz; there are: aaaa, bbbb"):
        propose(graded, "zz")


def test_a_failure_of_ours_keeps_the_result_and_is_told(room):
    work = [answer("kim", "score = 1"), answer("lee", "score = 2")]
    pipeline.grade_class(room.open_book(), work, Audience())
    room.change_bundle(OTHER)
    with room.open_book().open() as (store, _):
        kim = store.load("kim")
        store.save(kim.model_copy(update={"graded_at": kim.graded_at.replace(year=2099)}), {})
    proposal = propose(room)
    assert proposal.failed == {"kim": "its upload is not in the store; grade it again"}
    assert proposal.regrade.submissions == 1
    pipeline.settle_regrade(room.open_book())
    assert scores(room) == {"kim": "sha256:aaaa", "lee": OTHER}


def test_a_regrade_of_which_nothing_could_be_scored_leaves_nothing_to_apply(room):
    class Broken:
        workers = 1

        def run(self, site, items, observe=print):
            from autograder.executor.base import Lost

            yield from ((item, Lost("the machine is gone")) for item in items)

    pipeline.grade_class(room.open_book(), [answer("kim", "score = 1")], Audience())
    room.change_bundle(OTHER)
    proposal = pipeline.propose_regrade(room.open_book(Broken()), Audience())
    assert proposal.regrade is None
    assert proposal.failed == {"kim": "the machine is gone"}
    with pytest.raises(UsageError, match="no regrade of t01_small is proposed"):
        pipeline.settle_regrade(room.open_book())


def test_what_was_graded_anew_meanwhile_is_told_and_nothing_changes(graded):
    propose(graded)
    pipeline.grade_class(graded.open_book(), [answer("lee", "score = 9")], Audience())
    with pytest.raises(UsageError, match=r"graded anew meanwhile: lee;"):
        pipeline.settle_regrade(graded.open_book())
    assert scores(graded) == {"kim": "sha256:aaaa", "lee": OTHER, "park": "sha256:aaaa"}


def test_a_second_proposal_takes_the_first_ones_place(graded):
    propose(graded)
    graded.change_bundle("sha256:cccc")
    propose(graded)
    pipeline.settle_regrade(graded.open_book())
    assert set(scores(graded).values()) == {"sha256:cccc"}
    with pytest.raises(UsageError, match="no regrade of t01_small is proposed"):
        pipeline.settle_regrade(graded.open_book())


def _result(outcome, score, value=None, full=0.8, **more):
    training = value and TrainingResult(
        metric="accuracy", value=value, full_marks_at=full, no_marks_below=0.5, limit_seconds=9
    )
    cases = [TestCaseResult(name="q1-1", outcome=outcome, score=score, points=2)]
    if value:
        cases = [cases[0].model_copy(update={"name": "q1-training"})]
    asked = QuestionResult(
        name="q1",
        score=score,
        points=2,
        outcome=outcome,
        test_cases=cases,
        training=training,
        **more,
    )
    return make_result(score=score, questions=(asked,))


@pytest.mark.parametrize(
    ("before", "after", "reasons"),
    [
        (_result(Outcome.FAILED, 0), _result(Outcome.FAILED, 0), ()),
        (_result(Outcome.FAILED, 0), _result(Outcome.PASSED, 2), ("q1-1: failed → passed",)),
        (
            _result(Outcome.PARTIAL, 1, 0.7),
            _result(Outcome.PARTIAL, 1.5, 0.7, 0.75),
            ("q1-training: 1 → 1.5 points (accuracy 0.7, full marks at 0.75)",),
        ),
        (
            _result(Outcome.PARTIAL, 1, 0.7),
            _result(Outcome.PASSED, 2, 0.9),
            ("q1-training: partial → passed (accuracy 0.7 → 0.9)",),
        ),
        (make_result(score=1), _result(Outcome.PASSED, 2), ("q1 is new",)),
        (_result(Outcome.PASSED, 2), make_result(score=1), ("q1 is gone",)),
    ],
)
def test_the_words_of_a_difference(before, after, reasons):
    difference = compare_results(Change(before=before, after=after))
    assert difference.reasons == reasons
    assert difference.points == after.score - before.score
