"""Student code that writes to its kernel's own sockets gains nothing and breaks nothing."""

import asyncio
from contextlib import contextmanager

import pytest

from autograder.errors import ForgedError
from autograder.sandbox.channel import is_well_formed

PREPARE = """
import json
kernel = get_ipython().kernel
session, thread = kernel.session, kernel.iopub_thread
comm = next(iter(kernel.comm_manager.comms.values()))
x = 5
def head(kind):
    return {"msg_id": "1", "msg_type": kind, "version": "5.3"}
def send_raw(*parts):
    kernel.iopub_socket.send_multipart(list(parts))
def send_signed(header, parent, metadata, content):
    parts = [json.dumps(part, default=str).encode() for part in (header, parent, metadata, content)]
    send_raw(b"topic", b"<IDS|MSG>", session.sign(parts), *parts)
"""


@contextmanager
def prepare(open_kernel):
    with open_kernel(preload=("colorsys",)) as opened:
        assert opened.run(PREPARE).error is None
        yield opened


@pytest.fixture(scope="module")
def live(open_kernel):
    """One kernel for all attacks that must leave it in order."""
    with prepare(open_kernel) as opened:
        yield opened


@pytest.fixture
def spoilt(open_kernel):
    """A kernel for one attack that breaks it."""
    with prepare(open_kernel) as opened:
        yield opened


@pytest.mark.parametrize(
    "attack",
    [
        "for other in list(kernel.comm_manager.comms.values()): other.close()",
        "kernel.comm_manager.comms.clear()",
        "kernel.comm_manager.register_target('autograder', None); comm.on_msg(None)",
        "comm.on_msg(lambda message: None)",
        "comm.on_msg(lambda message: 1 / 0)",
        "comm.on_msg(lambda message: comm.send({'id': 1, 'reply': 5}))",
        "comm.on_msg(lambda message: comm.send('text'))",
        "comm.on_msg(lambda message: comm.send({'id': 1, 'reply': {'stopped': 'passed'}}))",
        "comm.on_msg(lambda message: comm.send({'reply': {'value': 5}, 'id': 99}))",
        """session.pack = lambda form: json.dumps(form, default=str).encode()
comm.on_msg(lambda message: comm.send({'id': 1, 'reply': {'value': float('nan')}}))""",
    ],
    ids=[
        "closed",
        "forgotten",
        "unregistered",
        "mute",
        "raising",
        "number",
        "text",
        "stopped",
        "other id",
        "NaN",
    ],
)
def test_an_agent_that_was_tampered_with_is_told(spoilt, attack):
    assert spoilt.run(attack).error is None
    with pytest.raises(ForgedError):
        spoilt.ask("get", name="x")


def test_a_reply_sent_early_is_not_taken_for_another_request(live):
    live.run("for number in range(50): comm.send({'id': number, 'reply': {'value': 'forged'}})")
    assert live.ask("get", name="x") == {"value": 5}


DROPPED = {
    "no parts": "send_raw(b'')",
    "no signature": "send_raw(b'topic', b'<IDS|MSG>', b'', b'{}', b'{}', b'{}', b'{}')",
    "wrong signature": "send_raw(b'topic', b'<IDS|MSG>', b'0' * 64, b'{}', b'{}', b'{}', b'{}')",
    "empty header": "send_signed({}, {}, {}, {})",
    "list header": "send_signed([], {}, {}, {})",
    "list parent": "send_signed(head('stream'), [], {}, {})",
    "list content": "send_signed(head('stream'), parent, {}, [])",
    "number as kind": "send_signed(head(5), parent, {}, {})",
    "no json": "parts = [b'{', b'x', b'', b'\\xff']; send_raw(b't', b'<IDS|MSG>', session.sign(parts), *parts)",
    "deep json": "parts = [b'[' * 100_000] * 4; send_raw(b't', b'<IDS|MSG>', session.sign(parts), *parts)",
    "stream without text": "send_signed(head('stream'), parent, {}, {})",
    "status without state": "send_signed(head('status'), parent, {}, {})",
    "list as transient": "send_signed(head('display_data'), parent, {}, {'transient': [1]})",
    "error without name": "send_signed(head('error'), parent, {}, {})",
    "unknown kind": "send_signed(head('verdict'), parent, {}, {'score': 10})",
    "comm of nobody": "send_signed(head('comm_msg'), parent, {}, {'comm_id': 1})",
}


@pytest.mark.parametrize("attack", DROPPED.values(), ids=DROPPED)
def test_a_message_that_is_none_is_dropped(live, attack):
    run = live.run(f"parent = kernel.get_parent()['header']\n{attack}\nprint('on')\n1 / 0")
    assert "".join(output.get("text", "") for output in run.outputs) == "on\n"
    assert run.error.name == "ZeroDivisionError"
    assert live.ask("get", name="x") == {"value": 5}


@pytest.mark.parametrize("attack", DROPPED.values(), ids=DROPPED)
def test_a_message_that_is_none_is_dropped_during_a_call(live, attack):
    live.run(f"def f():\n    parent = kernel.get_parent()['header']\n    {attack}\n    return x")
    assert live.ask("call", ref=live.ref("f")) == {"value": 5, "changed": {}}


def test_a_cell_that_claims_to_be_over_does_not_stop_the_next_one(live):
    live.run(
        "parent = kernel.get_parent()['header']\n"
        "send_signed(head('status'), parent, {}, {'execution_state': 'idle'})\n"
        "import time; time.sleep(0.3)\nprint('late')"
    )
    assert live.run("print('next')").outputs == [
        {"output_type": "stream", "name": "stdout", "text": "next\n"}
    ]
    assert live.ask("get", name="x") == {"value": 5}


def test_a_flood_of_forged_messages_does_not_stop_the_clock(spoilt):
    async def interrupt_soon():
        await asyncio.sleep(1)
        await spoilt.kernel.kill()
        return "on time"

    flood = "while True: send_raw(b't', b'<IDS|MSG>', b'0' * 64, b'{}', b'{}', b'{}', b'{}')"
    _, clock = spoilt.together(spoilt.kernel.run_cell(flood), interrupt_soon())
    assert clock == "on time"


GOOD = {"header": {}, "parent_header": {}, "metadata": {}, "content": {}, "msg_type": "status"}


def test_a_message_of_the_protocols_form_is_well_formed():
    assert is_well_formed(GOOD)
    assert is_well_formed({**GOOD, "msg_type": "execute_reply", "content": {"status": "ok"}})


@pytest.mark.parametrize(
    "change",
    [
        {"header": 1},
        {"parent_header": []},
        {"metadata": None},
        {"content": "x"},
        {"msg_type": 1},
        {"msg_type": "execute_reply"},
    ],
    ids=repr,
)
def test_another_form_is_not(change):
    assert not is_well_formed({**GOOD, **change})
