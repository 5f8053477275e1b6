"""The agent's answers, asked directly: each request, and each way in which one fails."""

import json
import random
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.errors import WireError
from autograder.kernel.agent import Agent, seed_everything
from autograder.kernel.objects import ObjectTable
from autograder.wire import requests
from autograder.wire.frame import Frame
from autograder.wire.values import Encoder


class Box:
    size = 3

    def __len__(self):
        return self.size

    def __iter__(self):
        return iter("abc")

    def __getitem__(self, key):
        return {"k": 1}[key]

    def __repr__(self):
        return "<box>"


def make_agent(**names):
    return Agent({"box": Box(), "add": lambda a, b=1: a + b, **names})


def ask(agent, operation, **keys):
    return agent.answer(Frame({"op": operation, **keys})).head


def ref_of(agent, name):
    return ask(agent, "get", name=name)["value"]["ref"]


def test_an_object_without_a_plain_form_is_kept_and_named():
    agent = make_agent()
    form = ask(agent, "get", name="box")["value"]
    assert (form["$"], form["name"]) == (requests.HANDLE, "Box")
    assert ask(agent, "get", name="box")["value"] == form


@pytest.mark.parametrize("value", [len, Box, Box().__len__, np.add, print], ids=range(5))
def test_what_can_be_called_is_told_apart(value):
    assert ask(make_agent(value=value), "get", name="value")["value"]["$"] == requests.CALLABLE


@pytest.mark.parametrize(
    ("operation", "keys", "value"),
    [
        ("length", {}, 3),
        ("truth", {}, True),
        ("text", {}, "<box>"),
        ("list", {}, ["a", "b", "c"]),
        ("attribute", {"name": "size"}, 3),
        ("item", {"key": "k"}, 1),
    ],
)
def test_a_kept_object_answers(operation, keys, value):
    agent = make_agent()
    assert ask(agent, operation, ref=ref_of(agent, "box"), **keys) == {"value": value}


def test_a_kept_object_is_passed_back_by_its_number():
    box = Box()
    agent = make_agent(box=box, same=lambda value: value is box)
    keys = {"args": [{"$": requests.REF, "ref": ref_of(agent, "box")}]}
    assert ask(agent, "call", ref=ref_of(agent, "same"), **keys)["value"] is True


def test_keyword_arguments_are_passed():
    agent = make_agent()
    assert ask(agent, "call", ref=ref_of(agent, "add"), args=[1], kwargs={"b": 5})["value"] == 6


def test_a_result_to_keep_stays_here():
    agent = make_agent(make=lambda: [1, 2])
    form = ask(agent, "call", ref=ref_of(agent, "make"), keep=True)["value"]
    assert form["$"] == requests.HANDLE
    assert ask(agent, "read", ref=form["ref"]) == {"value": [1, 2]}


def test_predictions_are_asked_of_the_students_model():
    model = SimpleNamespace(predict=lambda inputs, verbose: [[float(len(inputs))]])
    agent = make_agent()
    writer = Encoder(None)
    head = {
        "op": "predict",
        "ref": agent.table.keep(model),
        "args": [writer.encode(np.zeros((4, 2)))],
    }
    reply = agent.answer(writer.frame(head))
    assert reply.head["value"]["$"] == "array"
    assert len(reply.buffers) == 1


def test_an_endless_iteration_is_refused(monkeypatch):
    monkeypatch.setattr(requests, "MAX_LIST", 10)
    agent = make_agent(count=SimpleNamespace)
    number = agent.table.keep(iter(int, 1))
    assert "over 10 items" in ask(agent, "list", ref=number)["refused"]


@pytest.mark.parametrize("ref", [99, -1, None, "1"])
def test_a_number_of_no_object_is_refused(ref):
    assert "there is no object" in ask(make_agent(), "length", ref=ref)["refused"]


@pytest.mark.parametrize("operation", ["exec", "", None, ["get"]])
def test_an_operation_outside_the_protocol_is_refused(operation):
    assert "is not in the protocol" in ask(make_agent(), operation)["refused"]


@pytest.mark.parametrize(
    "error", [ValueError("no"), KeyboardInterrupt(), SystemExit(3), RecursionError()]
)
def test_whatever_the_students_code_raises_is_a_reply(error):
    def fail():
        raise error

    agent = make_agent(fail=fail)
    reply = ask(agent, "call", ref=ref_of(agent, "fail"))
    assert reply["error"]["name"] == type(error).__name__
    assert type(error).__name__ in reply["error"]["builtins"]


def test_what_a_call_prints_is_not_shown(capsys):
    agent = make_agent(talk=lambda: print("noise"))
    assert ask(agent, "call", ref=ref_of(agent, "talk"))["value"] is None
    assert capsys.readouterr().out == ""


def test_a_reply_too_large_for_the_wire_is_refused(monkeypatch):
    monkeypatch.setattr("autograder.wire.frame.MAX_HEAD_BYTES", 1000)
    assert "is over 1000" in ask(make_agent(text="x" * 2000), "get", name="text")["refused"]


def test_every_reply_is_json():
    agent = make_agent(odd="a\ud800", nan=float("nan"))
    for name in ("odd", "nan", "box", "nowhere"):
        json.dumps(ask(agent, "get", name=name), allow_nan=False).encode()


def test_the_same_object_keeps_its_number_and_another_gets_another():
    table = ObjectTable()
    first, second = Box(), Box()
    assert table.keep(first) == table.keep(first) != table.keep(second)
    assert table.find(table.keep(second)) is second


def test_a_form_that_is_no_reference_is_refused():
    with pytest.raises(WireError, match="not in the protocol"):
        ObjectTable().decode_other({"$": "model", "ref": 1}, None)


def test_seeding_repeats_random_numbers():
    seed_everything(3)
    first = random.random(), np.random.rand()
    seed_everything(3)
    assert (random.random(), np.random.rand()) == first


def test_an_object_that_is_freed_is_no_longer_kept():
    agent = make_agent()
    number = ref_of(agent, "box")
    assert "there is no object" in ask(agent, "length", ref=number, free=[number])["refused"]
    assert ask(agent, "length", ref=ref_of(agent, "box"), free=["x", None, 99]) == {"value": 3}


def test_more_objects_than_a_test_needs_are_refused(monkeypatch):
    monkeypatch.setattr(requests, "MAX_KEPT", 10)
    agent = make_agent(many=[Box() for _ in range(20)])
    assert "over 10 objects" in ask(agent, "get", name="many")["refused"]
