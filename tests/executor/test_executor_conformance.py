"""What every executor does, run over all that there are."""

import os
import threading
from itertools import count

import pytest

from autograder.errors import GraderError
from autograder.executor.base import Lost
from autograder.executor.dask import DaskExecutor
from autograder.executor.inline import InlineExecutor
from autograder.executor.local import LocalExecutor
from autograder.machine import count_cores
from tests.executor.sites import Closed, Diary, Kernels, Large, Square, Threads, Unsendable

AHEAD = 2  # for each place, one item may be on its way


@pytest.fixture(params=["inline", "local", "dask"])
def executor(request):
    if request.param == "dask":
        return DaskExecutor(request.getfixturevalue("cluster"), patience_seconds=30)
    return {"inline": InlineExecutor, "local": LocalExecutor}[request.param](workers=2)


def test_every_item_comes_back_once_with_its_result(executor):
    found = list(executor.run(Square(), range(50)))
    assert sorted(found) == [(number, number * number) for number in range(50)]


def test_no_items_give_nothing(executor):
    assert list(executor.run(Square(), [])) == []


def test_equal_items_are_each_done(executor):
    assert list(executor.run(Square(), [3, 3, 3])) == [(3, 9)] * 3


def test_an_item_comes_back_as_the_object_it_was(executor):
    item = bytearray(b"not hashable")
    [(found, length)] = executor.run(Large(b""), [item])
    assert found is item
    assert length == len(item)


def test_an_item_whose_work_raises_is_lost_and_the_others_are_done(executor):
    found = dict(executor.run(Square(), [1, "unlucky", 2]))
    assert found == {1: 1, 2: 4, "unlucky": Lost("LookupError: item unlucky")}


def test_an_exception_of_the_items_is_raised_after_what_was_under_way(executor):
    def items():
        yield 1
        yield 2
        raise OSError("the folder is gone")

    found = []
    with pytest.raises(OSError, match="the folder is gone"):
        found.extend(executor.run(Square(), items()))  # extend keeps what came before
    assert sorted(found) == [(1, 1), (2, 4)]


def test_a_site_that_cannot_be_opened_is_raised(executor):
    with pytest.raises((OSError, GraderError), match="no room for warm kernels"):
        list(executor.run(Closed(), [1, 2, 3]))


def test_items_are_taken_as_they_are_needed(executor):
    taken = []
    results = executor.run(Square(), (taken.append(number) or number for number in count()))
    assert taken == []
    for _ in range(5):
        next(results)
    results.close()
    assert len(taken) <= 5 + AHEAD * executor.workers


def test_it_tells_what_begins_and_ends(executor):
    events = []
    assert len(list(executor.run(Square(), ["unlucky", 1, 2, 3], events.append))) == 4
    started = [event.item for event in events if event.state == "started"]
    ended = [event.item for event in events if event.state in ("finished", "failed")]
    assert sorted(map(str, started)) == sorted(map(str, ended)) == ["1", "2", "3", "unlucky"]
    assert [event.item for event in events if event.state == "failed"] == ["unlucky"]
    assert all(event.worker and event.at.tzinfo for event in events if event.item)


@pytest.mark.parametrize("make", [InlineExecutor, LocalExecutor])
def test_here_each_place_is_told_to_end_one_item_before_the_next(make):
    busy = {}

    def observe(event):
        if event.state == "started":
            assert busy.setdefault(event.worker, event.item) == event.item
        else:
            assert busy.pop(event.worker) == event.item

    assert len(list(make(workers=2).run(Square(), range(20), observe))) == 20


def test_the_site_is_opened_once_for_many_items(executor, tmp_path):
    diary = Diary(tmp_path)
    assert len(list(executor.run(diary, range(10)))) == 10
    assert len(diary.read("open")) == 1
    assert sorted(diary.read("end"), key=int) == [str(number) for number in range(10)]


def test_the_cores_are_shared_by_the_items_side_by_side(executor):
    [(_, threads)] = executor.run(Threads(), [0])
    assert threads == max(1, count_cores() // executor.workers)


def test_a_real_kernel_runs_at_a_site_on_a_worker(cluster):
    cells = [f"print({number} * 7, end='')" for number in (1, 2, 3)]
    found = dict(DaskExecutor(cluster).run(Kernels(), cells))
    assert [found[cell] for cell in cells] == ["7", "14", "21"]


@pytest.mark.parametrize("make", [InlineExecutor, LocalExecutor])
def test_here_the_site_is_closed_at_the_end(make, tmp_path):
    diary = Diary(tmp_path)
    list(make(workers=2).run(diary, range(3)))
    assert diary.read("close") == [str(os.getpid())]


@pytest.mark.parametrize("make", [InlineExecutor, LocalExecutor])
def test_work_that_was_begun_is_finished_when_the_caller_stops(make, tmp_path):
    diary = Diary(tmp_path, 0.01)
    results = make(workers=2).run(diary, range(100))
    next(results)
    results.close()
    assert sorted(diary.read("begin")) == sorted(diary.read("end"))
    assert len(diary.read("begin")) < 100


def test_a_result_that_cannot_travel_is_lost(cluster):
    [(_, lost)] = DaskExecutor(cluster).run(Unsendable(), [1])
    assert "its result cannot travel" in lost.reason


def test_an_executor_can_be_used_outside_the_main_thread(executor):
    found = []
    thread = threading.Thread(target=lambda: found.extend(executor.run(Square(), [2])))
    thread.start()
    thread.join(60)
    assert found == [(2, 4)]
