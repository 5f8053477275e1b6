"""Stand-ins in the scorer let go of the kernel's objects when a test has no more use for them."""

from __future__ import annotations

import pytest

from autograder.errors import ForgedError
from autograder.grade.scorer.standins import Remote
from autograder.kernel.agent import Agent
from autograder.wire.frame import Frame


class Thing:
    made = 0

    def __init__(self):
        Thing.made += 1

    def same(self):
        return self


@pytest.fixture
def agent():
    return Agent({"make": Thing, "thing": Thing()})


@pytest.fixture
def remote(agent):
    return Remote(agent.answer)


def test_objects_of_a_loop_are_not_all_kept(agent, remote):
    for _ in range(500):
        remote.get("make")()
    assert len(agent.table._objects) < 10


def test_an_object_stays_while_any_stand_in_for_it_does(agent, remote):
    thing = remote.get("thing")
    for _ in range(5):
        assert thing.same() is not thing
    assert thing.same().same().__name__ == "Thing"


def test_a_function_asked_for_by_number_stays(remote):
    number = remote.get_ref("make")
    remote.get("thing")
    assert remote.call(number, (), {}).__name__ == "Thing"


def test_a_reply_without_a_value_is_forged():
    with pytest.raises(ForgedError):
        Remote(lambda _: Frame({})).get("x")
