from datetime import UTC, datetime

import pytest

from autograder.errors import GraderError, UsageError
from autograder.store import Regrade
from tests.store.making import ASSESSMENT, make_result

NAMES = ("kim", "lee", "park")


@pytest.fixture
def store(place):
    store = place.open()
    for name in NAMES:
        store.save(make_result(name, 1.0), {"executed.ipynb": name.encode(), "weights": b"w"})
    return store


def make_regrade(**fields):
    return Regrade(assessment=ASSESSMENT, created_at=datetime.now(UTC), **fields)


def rescore(store, score=2.0, names=NAMES):
    """New results, each made when it is asked for."""
    for name in names:
        change = {"score": score, "bundle": "sha256:c", "graded_at": datetime.now(UTC)}
        yield store.load(name).model_copy(update=change), {}


def scores(store):
    return [result.score for result in store.results()]


def test_proposed_results_do_not_count(store):
    regrade = make_regrade(from_bundle="sha256:b", to_bundle="sha256:c", reason="q3 was wrong")
    proposed = store.regrades.propose(regrade, rescore(store))
    assert proposed == regrade.model_copy(update={"state": "proposed", "submissions": 3})
    assert store.regrades.list_regrades() == [proposed]
    assert scores(store) == [1.0, 1.0, 1.0]
    last = store.history("kim")[-1]
    assert (last.origin, last.regrade, last.current) == ("regrade", regrade.id, False)


def test_changes_show_before_and_after_by_name(store):
    regrade = store.regrades.propose(make_regrade(), rescore(store, names=("park", "kim")))
    changes = list(store.regrades.list_changes(regrade.id))
    assert [change.before.submission for change in changes] == ["kim", "park"]
    assert [(change.before.score, change.after.score) for change in changes] == [(1.0, 2.0)] * 2
    assert [change.after.submission for change in changes] == ["kim", "park"]


def test_applied_results_count_and_rollback_brings_the_old_ones_back(store):
    regrade = store.regrades.propose(make_regrade(), rescore(store))
    for _ in range(2):  # a repeated command changes nothing
        assert store.regrades.apply(regrade.id).state == "applied"
        assert scores(store) == [2.0, 2.0, 2.0]
    for _ in range(2):
        assert store.regrades.rollback(regrade.id).state == "rolled_back"
        assert scores(store) == [1.0, 1.0, 1.0]
    assert store.regrades.apply(regrade.id).state == "applied"
    assert scores(store) == [2.0, 2.0, 2.0]
    assert len(store.history("kim")) == 2


def test_regraded_result_keeps_the_artifacts_it_was_scored_from(store):
    changed = [(result, {"weights": b"new"}) for result, _ in rescore(store)]
    regrade = store.regrades.propose(make_regrade(), changed)
    store.regrades.apply(regrade.id)
    assert store.read_artifact("lee", "executed.ipynb") == b"lee"
    assert store.read_artifact("lee", "weights") == b"new"
    store.regrades.rollback(regrade.id)
    assert store.read_artifact("lee", "weights") == b"w"


def test_two_regrades_are_taken_back_in_turn(store):
    first = store.regrades.propose(make_regrade(), rescore(store, 2.0))
    store.regrades.apply(first.id)
    second = store.regrades.propose(make_regrade(), rescore(store, 3.0, NAMES[:2]))
    store.regrades.apply(second.id)
    assert scores(store) == [3.0, 3.0, 2.0]
    with pytest.raises(UsageError, match=r"graded anew meanwhile: kim, lee; nothing was changed"):
        store.regrades.rollback(first.id)
    assert scores(store) == [3.0, 3.0, 2.0]
    store.regrades.rollback(second.id)
    store.regrades.rollback(first.id)
    assert scores(store) == [1.0, 1.0, 1.0]


def test_submissions_graded_anew_since_the_proposal_are_listed_and_nothing_is_changed(store):
    regrade = store.regrades.propose(make_regrade(), rescore(store))
    for name in ("park", "kim"):
        store.save(make_result(name, 9.0, minutes=9), {})
    with pytest.raises(UsageError, match=r"graded anew meanwhile: kim, park; nothing was changed"):
        store.regrades.apply(regrade.id)
    assert scores(store) == [9.0, 1.0, 9.0]
    assert store.regrades.list_regrades()[0].state == "proposed"


def test_submission_graded_anew_while_the_proposal_is_made_is_noticed(store):
    def items():
        yield from rescore(store, names=NAMES[:1])
        late = list(rescore(store, names=NAMES[1:]))
        store.save(make_result("lee", 9.0, minutes=9), {})
        yield from late

    regrade = store.regrades.propose(make_regrade(), items())
    with pytest.raises(UsageError, match=r"graded anew meanwhile: lee;"):
        store.regrades.apply(regrade.id)


def test_new_upload_graded_before_the_proposal_is_noticed(store):
    items = list(rescore(store))
    store.save(make_result("lee", 9.0, minutes=9, notebook="sha256:m"), {})
    regrade = store.regrades.propose(make_regrade(), items)
    with pytest.raises(UsageError, match=r"graded anew meanwhile: lee;"):
        store.regrades.apply(regrade.id)


def test_grading_after_an_applied_regrade_stands_against_rollback(store):
    regrade = store.regrades.propose(make_regrade(), rescore(store))
    store.regrades.apply(regrade.id)
    later = {"graded_at": datetime.now(UTC), "notebook": "sha256:m"}
    store.save(make_result("lee", 5.0, **later), {})
    with pytest.raises(UsageError, match=r"graded anew meanwhile: lee;"):
        store.regrades.rollback(regrade.id)
    assert scores(store) == [2.0, 5.0, 2.0]


def test_withdrawn_regrade_cannot_be_applied(store):
    regrade = store.regrades.propose(make_regrade(), rescore(store))
    assert store.regrades.withdraw(regrade.id).state == "withdrawn"
    with pytest.raises(UsageError, match="is withdrawn: it cannot be applied"):
        store.regrades.apply(regrade.id)


def test_regrade_that_died_on_the_way_cannot_be_applied_and_can_be_withdrawn(store):
    def items():
        yield from rescore(store, names=NAMES[:1])
        raise GraderError("the grader died")

    regrade = make_regrade()
    with pytest.raises(GraderError, match="the grader died"):
        store.regrades.propose(regrade, items())
    with pytest.raises(UsageError, match="is preparing: it cannot be applied"):
        store.regrades.apply(regrade.id)
    store.regrades.withdraw(regrade.id)
    assert scores(store) == [1.0, 1.0, 1.0]


def test_regrade_that_counts_cannot_be_withdrawn_nor_an_unproposed_one_rolled_back(store):
    regrade = store.regrades.propose(make_regrade(), rescore(store))
    with pytest.raises(UsageError, match="is proposed: it cannot be rolled_back"):
        store.regrades.rollback(regrade.id)
    store.regrades.apply(regrade.id)
    with pytest.raises(UsageError, match="is applied: it cannot be withdrawn"):
        store.regrades.withdraw(regrade.id)


def test_unknown_regrade_is_named(place, store):
    with pytest.raises(UsageError, match="a01_digits has no regrade nosuch"):
        store.regrades.apply("nosuch")
    regrade = store.regrades.propose(make_regrade(), rescore(store))
    with pytest.raises(UsageError, match="a02_convnet has no regrade"):
        place.open("a02_convnet").regrades.apply(regrade.id)
    assert list(place.open("a02_convnet").regrades.list_changes(regrade.id)) == []


def test_submission_that_was_never_graded_or_comes_twice_is_refused(store):
    with pytest.raises(UsageError, match="choi was never graded"):
        store.regrades.propose(make_regrade(), [(make_result("choi"), {})])
    assert store.history("choi") == []
    twice = [*rescore(store), *rescore(store, names=("kim",))]
    with pytest.raises(UsageError, match="kim comes twice"):
        store.regrades.propose(make_regrade(), twice)


def test_the_same_regrade_is_not_proposed_twice(store):
    regrade = make_regrade()
    store.regrades.propose(regrade, rescore(store))
    with pytest.raises(UsageError, match=r"exists already \(proposed\)"):
        store.regrades.propose(regrade, rescore(store))
