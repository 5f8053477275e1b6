"""What every executor does, run over all that are listed."""

import threading
from itertools import count

import pytest

from autograder.errors import UsageError
from autograder.plugins import list_plugins, load_plugin


@pytest.fixture(params=list_plugins("executors"))
def executor(request):
    return load_plugin("executors", request.param)(workers=2)


def square(number):
    return number * number


def test_local_is_listed():
    assert "local" in list_plugins("executors")


def test_an_unknown_executor_is_told_with_those_there_are():
    with pytest.raises(UsageError, match=r"no 'slurm' among the executors: .*local"):
        load_plugin("executors", "slurm")


def test_it_can_be_made_without_a_number_of_workers():
    for name in list_plugins("executors"):
        assert load_plugin("executors", name)().workers >= 1


def test_every_item_comes_back_once_with_its_result(executor):
    found = list(executor.run(square, range(50)))
    assert sorted(found) == [(number, number * number) for number in range(50)]


def test_no_items_give_nothing(executor):
    assert list(executor.run(square, [])) == []


def test_equal_items_are_each_done(executor):
    assert list(executor.run(square, [3, 3, 3])) == [(3, 9)] * 3


def test_items_need_not_be_hashable(executor):
    assert sorted(executor.run(len, [[1], [2, 3]])) == [([1], 1), ([2, 3], 2)]


def test_an_exception_of_the_task_is_raised_to_the_caller(executor):
    def fail(number):
        raise LookupError(f"item {number}")

    with pytest.raises(LookupError, match="item 7"):
        list(executor.run(fail, [7]))


def test_an_exception_of_the_items_is_raised_to_the_caller(executor):
    def items():
        yield 1
        raise OSError("the folder is gone")

    with pytest.raises(OSError, match="the folder is gone"):
        list(executor.run(square, items()))


def test_items_are_taken_as_they_are_needed(executor):
    taken = []
    results = executor.run(square, (taken.append(number) or number for number in count()))
    assert taken == []
    for _ in range(5):
        next(results)
    results.close()
    assert len(taken) <= 5 + executor.workers


def test_work_that_was_begun_is_finished_when_the_caller_stops(executor):
    begun, finished = [], []

    def work(number):
        begun.append(number)
        finished.append(number)

    results = executor.run(work, range(100))
    next(results)
    results.close()
    assert sorted(begun) == sorted(finished)
    assert len(begun) < 100


def test_the_local_executor_works_side_by_side():
    meeting = threading.Barrier(2, timeout=10)
    executor = load_plugin("executors", "local")(workers=2)
    assert len(list(executor.run(lambda _: meeting.wait(), range(4)))) == 4
