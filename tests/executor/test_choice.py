"""How many jobs run at a time, from what was chosen and from what they do."""

from __future__ import annotations

import pytest

from autograder import services
from autograder.executor.inline import InlineExecutor
from autograder.services import Choice


@pytest.mark.parametrize(("cores", "most"), [(1, 2), (2, 3), (3, 5), (16, 24)])
def test_jobs_that_do_not_train_are_half_as_many_again_as_cores(monkeypatch, cores, most):
    monkeypatch.setattr(services, "count_cores", lambda: cores)
    assert Choice(trains=False).make().executor.workers == most


def test_a_chosen_number_counts(monkeypatch):
    monkeypatch.setattr(services, "count_cores", lambda: 8)
    assert Choice(workers=2, trains=False).make().executor.workers == 2


def test_another_executor_decides_by_itself():
    assert isinstance(Choice(executor="inline", trains=False).make().executor, InlineExecutor)
