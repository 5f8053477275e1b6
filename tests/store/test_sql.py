import tracemalloc
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import IntegrityError

from autograder.errors import GraderError
from autograder.store.sql import BATCH
from autograder.store.tables import current_gradings, gradings
from tests.store.making import make_failure, make_result


@contextmanager
def counted_statements():
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_every_grading_is_kept_and_the_latest_counts(store):
    for minutes, score in ((0, 1.0), (2, 3.0), (1, 2.0)):
        store.save(make_result(score=score, minutes=minutes), {})
    assert [(one.result.score, one.current) for one in store.history("kim")] == [
        (1.0, False),
        (3.0, True),
        (2.0, False),
    ]
    assert store.load("kim").score == 3.0


def test_of_equal_times_the_one_saved_last_counts(store):
    for score in (1.0, 2.0):
        store.save(make_result(score=score), {})
    assert store.load("kim").score == 2.0


def test_failure_of_ours_never_replaces_a_score_of_the_same_content(store):
    store.save(make_result(score=5.0), {})
    store.save(make_failure(minutes=1), {})
    assert store.load("kim").score == 5.0
    assert len(store.history("kim")) == 2


def test_score_replaces_a_later_failure_of_the_same_content(store):
    store.save(make_failure(minutes=1), {})
    store.save(make_result(score=5.0), {})
    assert store.load("kim").score == 5.0


@pytest.mark.parametrize("changed", [{"notebook": "sha256:m"}, {"bundle": "sha256:c"}])
def test_failure_on_other_content_counts_for_its_score_is_not_known(store, changed):
    store.save(make_result(score=5.0), {})
    store.save(make_failure(minutes=1, **changed), {})
    assert store.load("kim").outcome == "grader_error"


def test_assessments_share_a_database_and_see_their_own(place):
    place.open().save(make_result(), {"a": b"1"})
    other = place.open("a02_convnet")
    assert other.load("kim") is None
    assert list(other.results()) == []
    assert other.find("sha256:n", "sha256:b", "") is None
    assert other.read_artifact("kim", "a") is None
    with pytest.raises(GraderError, match="a01_digits cannot go to the store of a02_convnet"):
        other.save(make_result(), {})


def test_artifacts_are_those_of_the_grading_asked_for(store):
    store.save(make_result(), {"executed.ipynb": b"old", "submitted.ipynb": b"same"})
    store.save(make_result(minutes=1), {"executed.ipynb": b"new", "submitted.ipynb": b"same"})
    assert store.read_artifact("kim", "executed.ipynb") == b"new"
    assert store.read_artifact("kim", "weights") is None
    assert store.read_artifact("lee", "executed.ipynb") is None
    first = store.history("kim")[0].id
    assert store.read_artifact("kim", "executed.ipynb", first) == b"old"
    listed = store.list_artifacts("kim")
    assert sorted(listed) == ["executed.ipynb", "submitted.ipynb"]
    assert listed["submitted.ipynb"].size_bytes == 4
    assert listed["submitted.ipynb"].sha256.startswith("sha256:")
    assert listed["submitted.ipynb"] == store.list_artifacts("kim", first)["submitted.ipynb"]


def test_identical_notebook_is_found_where_it_has_a_score(store):
    store.save(make_failure("kim"), {})
    assert store.find("sha256:n", "sha256:b", "") is None
    store.save(make_result("lee", variant="v1"), {})
    assert store.find("sha256:n", "sha256:b", "v1").submission == "lee"
    assert store.find("sha256:n", "sha256:b", "v2") is None
    assert store.find("sha256:m", "sha256:b", "v1") is None
    store.save(make_result("lee", minutes=1, notebook="sha256:m"), {})
    assert store.find("sha256:n", "sha256:b", "v1") is None


def test_whatever_people_write_is_kept(store):
    odd = make_result("이영희", student="a\0b'; DROP TABLE", message="\0🙂")
    store.save(odd, {"이름.ipynb": b"\0\xff"})
    assert store.load("이영희").student == "a\0b'; DROP TABLE"
    assert store.load("이영희").message == "\0🙂"
    assert store.read_artifact("이영희", "이름.ipynb") == b"\0\xff"


def test_result_of_another_schema_version_counts_as_none(store):
    store.save(make_result(), {})
    store.save(make_result("lee").model_copy(update={"schema_version": 0}), {})
    assert store.load("lee") is None
    assert [result.submission for result in store.results()] == ["kim"]


def test_a_save_costs_the_same_however_many_came_before(store):
    made = {"executed.ipynb": b"a", "submitted.ipynb": b"b", "weights.npz": b"c"}
    store.save(make_result(), {})
    counts = []
    for number in range(40):
        with counted_statements() as seen:
            store.save(make_result(f"s{number:03}"), made | {"own": str(number).encode()})
        counts.append(len([one for one in seen if not one.startswith("BEGIN")]))
    assert set(counts[1:]) == {counts[-1]}
    assert counts[-1] <= 10


def test_results_of_a_large_class_are_read_in_batches_of_flat_memory(sqlite_place):
    store = sqlite_place.open()
    large = "x" * 10_000
    for number in range(2 * BATCH + 1):
        store.save(make_result(f"s{number:04}", message=large), {})
    with counted_statements() as seen:
        tracemalloc.start()
        count = sum(1 for _ in store.results())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert count == 2 * BATCH + 1
    assert len([one for one in seen if one.startswith("SELECT")]) == 4
    assert peak < 3 * BATCH * len(large)


def test_database_itself_holds_that_one_grading_of_its_own_counts(store):
    for name in ("kim", "lee"):
        store.save(make_result(name), {})
    theirs = store.history("lee")[0].id

    def write(statement):
        with pytest.raises(GraderError) as caught:
            store._database.run(lambda connection: connection.execute(statement), writes=True)
        assert isinstance(caught.value.__cause__, IntegrityError)

    write(
        current_gradings.update()
        .where(current_gradings.c.grading_id != theirs)
        .values(grading_id=theirs)
    )
    write(current_gradings.insert().values(submission_id=1, grading_id=1))
    write(gradings.update().values(outcome="grader_error"))
    assert store.load("kim").submission == "kim"
