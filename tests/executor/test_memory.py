"""Gradings in flight follow free memory."""

import pytest

from autograder.executor import memory
from autograder.executor.memory import RESERVE_MIB, MemoryGate, measure_available_mib


class Machine:
    """Memory and time of a machine, set by a test."""

    def __init__(self, available):
        self.available = available
        self.now = 0.0

    def make_gate(self, budget=0, per_item=100):
        return MemoryGate(budget, per_item, lambda: self.available, lambda: self.now)


@pytest.fixture
def machine():
    return Machine(RESERVE_MIB + 350.0)


def test_the_budget_is_what_is_available_less_a_reserve(machine):
    assert machine.make_gate().budget_mib == 350


@pytest.mark.parametrize(("cores", "most"), [(1, 2), (2, 3), (3, 5), (16, 24)])
def test_half_as_many_again_as_cores_are_done_at_a_time(machine, monkeypatch, cores, most):
    monkeypatch.setattr(memory, "count_cores", lambda: cores)
    machine.available = 100_000
    assert machine.make_gate().count_gradings() == most


def test_no_more_are_done_at_a_time_than_have_memory(machine, monkeypatch):
    monkeypatch.setattr(memory, "count_cores", lambda: 16)
    assert machine.make_gate().count_gradings() == 3


def test_what_has_just_begun_counts_with_all_that_it_may_need(machine):
    gate = machine.make_gate()
    assert [gate.begin() for _ in range(5)] == [True, True, True, False, False]


def test_what_has_begun_long_ago_counts_with_what_it_uses(machine):
    gate = machine.make_gate()
    while gate.begin():
        pass
    machine.now += 60
    machine.available -= 3 * 40
    assert [gate.begin() for _ in range(3)] == [True, True, False]


def test_an_end_makes_room(machine):
    gate = machine.make_gate(budget=100)
    assert gate.begin()
    assert not gate.begin()
    gate.end()
    assert gate.begin()


def test_one_may_always_begin(machine):
    gate = machine.make_gate(budget=10)
    machine.available = 0
    assert gate.count_gradings() == 1
    assert gate.begin()
    assert not gate.begin()


def test_a_stated_budget_holds_though_more_is_free(machine):
    machine.available = 100_000
    gate = machine.make_gate(budget=250)
    assert [gate.begin() for _ in range(3)] == [True, True, False]


def test_memory_that_others_take_closes_the_gate(machine):
    gate = machine.make_gate()
    assert gate.begin()
    machine.available = RESERVE_MIB
    assert not gate.begin()


def test_this_machine_has_some():
    assert 10 < measure_available_mib() < 100_000_000
