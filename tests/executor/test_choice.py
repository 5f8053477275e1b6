"""How many jobs run at a time, from what was chosen and from what they are for."""

from __future__ import annotations

import pytest

from autograder import services
from autograder.executor.inline import InlineExecutor
from autograder.executor.local import LocalExecutor
from autograder.services import Choice


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch):
    monkeypatch.setattr(services, "count_cores", lambda: 8)


def count_workers(**chosen):
    executor = Choice(**chosen).make().executor
    assert isinstance(executor, LocalExecutor)
    return executor.workers


def test_jobs_that_are_measured_have_a_core_each():
    assert count_workers(measures=True) == 8


def test_other_jobs_are_as_many_as_the_executor_takes():
    assert count_workers() == LocalExecutor().workers


def test_a_chosen_number_counts():
    assert count_workers(workers=2) == 2
    assert count_workers(workers=2, measures=True) == 2


def test_another_executor_decides_by_itself():
    assert isinstance(Choice(executor="inline", measures=True).make().executor, InlineExecutor)
