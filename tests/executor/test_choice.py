"""How many jobs run at a time, from what was chosen and from what they are for."""

from __future__ import annotations

from functools import partial

import pytest

from autograder import services
from autograder.executor import memory
from autograder.executor.inline import InlineExecutor
from autograder.executor.local import LocalExecutor
from autograder.executor.memory import PER_ITEM_MIB, RESERVE_MIB, MemoryGate
from autograder.services import Choice


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch):
    for module in (services, memory):
        monkeypatch.setattr(module, "count_cores", lambda: 8)
    set_memory(monkeypatch, 100_000.0)


def set_memory(monkeypatch, mib):
    monkeypatch.setattr(services, "MemoryGate", partial(MemoryGate, measure=lambda: mib))


def count_workers(**chosen):
    executor = Choice(**chosen).make().executor
    assert isinstance(executor, LocalExecutor)
    return executor.workers


def test_jobs_that_are_measured_have_a_core_each():
    assert count_workers(measures=True) == 8


def test_no_more_of_them_run_than_have_memory(monkeypatch):
    set_memory(monkeypatch, RESERVE_MIB + 3.5 * PER_ITEM_MIB)
    assert count_workers(measures=True) == 3


def test_other_jobs_are_as_many_as_the_executor_takes():
    assert count_workers() == LocalExecutor().workers


def test_a_chosen_number_counts():
    assert count_workers(workers=2) == 2
    assert count_workers(workers=2, measures=True) == 2


def test_another_executor_decides_by_itself():
    assert isinstance(Choice(executor="inline", measures=True).make().executor, InlineExecutor)
