"""Kept answers stand for a kernel: by what is asked, the n-th for the n-th, never a guess."""

from __future__ import annotations

import asyncio

import pytest

from autograder.grade.meter import Meter
from autograder.grade.replay import NotKeptError, ReplayTape
from autograder.grade.tape import Exchange, Origins
from autograder.grade.transcript import KeptExchange, KeptFrame
from autograder.wire.frame import Frame
from tests.grade.keeping import keep_run


def handle(ref):
    return Frame({"value": {"$": "callable", "ref": ref, "name": "f"}})


def get(name):
    return Frame({"op": "get", "name": name})


def call(ref, *args):
    return Frame({"op": "call", "ref": ref, "args": list(args), "kwargs": {}})


def record(*talk):
    """Kept exchanges of `(section, request, reply)`."""
    origins, kept = Origins(), []
    for section, request, reply in talk:
        digest = origins.digest(request)
        acts = origins.acts(request, reply)
        origins.learn(digest, reply)
        exchange = Exchange(section, digest, reply, 0.5, 0.7, acts)
        kept.append(KeptExchange(**{**vars(exchange), "reply": KeptFrame(head=reply.head)}))
    return tuple(kept)


def play(exchanges, *requests, meter=None):
    transcript = keep_run(*exchanges)
    tape = ReplayTape(transcript, transcript.questions[0])

    async def ask():
        charged = meter or Meter(9)
        return [(await tape.ask(item, charged, name)).head["value"] for name, item in requests]

    return asyncio.run(ask())


TALK = (
    ("q1-1", get("f"), handle(7)),
    ("q1-1", call(7, 1), Frame({"value": 10})),
    ("q1-1", call(7, 1), Frame({"value": 11})),
    ("q1-2", call(7, 1), Frame({"value": 12})),
)


def test_the_n_th_answer_comes_the_n_th_time_from_the_section_that_asks():
    asked = [("q1-1", get("f")), ("q1-1", call(7, 1)), ("q1-2", call(7, 1)), ("q1-1", call(7, 1))]
    assert play(record(*TALK), *asked)[1:] == [10, 12, 11]


def test_another_section_is_answered_from_anywhere():
    assert play(record(*TALK), ("q1-9", get("f")), ("q1-9", call(7, 1)))[1] == 10


@pytest.mark.parametrize(
    "asked",
    [
        [("q1-1", get("g"))],
        [("q1-1", get("f")), ("q1-1", call(7, 2))],
        [("q1-2", get("f")), ("q1-2", call(7, 1)), ("q1-2", call(7, 1))],
    ],
    ids=["another name", "another argument", "more often than then"],
)
def test_what_nobody_asked_then_is_not_guessed(asked):
    with pytest.raises(NotKeptError):
        play(record(*TALK), *asked)


def test_numbers_of_references_do_not_count_but_where_they_came_from_does():
    two = (("t", get("f"), handle(7)), ("t", get("g"), handle(8)))
    talk = (*two, ("t", call(7), Frame({"value": "f"})), ("t", call(8), Frame({"value": "g"})))
    other = (("t", get("g"), handle(3)), ("t", get("f"), handle(4)))
    talks = record(*talk), record(*other, ("t", call(4), Frame({"value": "f"})))
    requests = [[item.request for item in kept] for kept in talks]
    assert requests[0][2] == requests[1][2]
    assert requests[0][2] != requests[0][3]


def test_what_an_answer_took_is_charged_again():
    meter = Meter(9)
    play(record(*TALK), ("q1-1", get("f")), ("q1-1", call(7, 1)), meter=meter)
    assert (meter.cpu_seconds, meter.wall_seconds) == (1.0, 1.4)


def test_calls_that_give_nothing_and_methods_act():
    origins = Origins()
    origins.learn_attribute(handle(5))
    assert origins.acts(call(7), Frame({"value": None}))
    assert origins.acts(call(5), Frame({"value": 1}))
    assert not origins.acts(call(7), Frame({"value": 1}))
    assert not origins.acts(call(7), Frame({"error": {}}))
    assert not origins.acts(get("f"), Frame({"value": None}))
