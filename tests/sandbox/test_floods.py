"""What a kernel sends is bounded while it streams: the grader's memory stays flat, honest work counts."""

import gc
import threading
import time
from contextlib import closing, contextmanager
from functools import partial

import psutil
import pytest

from autograder.sandbox import allowance
from autograder.sandbox.flood import OutputFloodError
from autograder.sandbox.outputs import is_cut_note
from autograder.sandbox.process import ProcessSandbox
from tests.sandbox.conftest import open_live

PREPARE = """
import json
kernel = get_ipython().kernel
session, big = kernel.session, b'x' * 4_000_000
def send(topic, kind='stream', content=None, parts=(), raw=None):
    head = [json.dumps(part, default=str).encode() for part in (
        session.msg(kind)['header'], kernel.get_parent()['header'], {})]
    head.append(raw or json.dumps(content or {'name': 'stdout', 'text': 'x'}).encode())
    kernel.iopub_socket.send_multipart(
        [topic, b'<IDS|MSG>', session.sign(head), *head, *parts])
x = 5
"""
# On a busy machine ZeroMQ drops, in the kernel, what is sent faster than the grader reads.
LOSES_NOTHING = """
def keep_all(): kernel.iopub_thread.socket.sndhwm = 0
kernel.iopub_thread.schedule(keep_all)
"""
MOST_MIB = 60  # what the grader may take at any moment; each attack sends 200 MB or more


@contextmanager
def flat_memory():
    """Fails if this process takes more than `MOST_MIB` at any moment meanwhile."""
    gc.collect()
    process, peak, over = psutil.Process(), [0], threading.Event()
    start = process.memory_info().rss

    def watch():
        while not over.wait(0.01):
            peak[0] = max(peak[0], process.memory_info().rss - start)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    assert peak[0] / 2**20 < MOST_MIB


@pytest.fixture(scope="module")
def open_kernel():
    """Of one sandbox: all read what a kernel sends in the same way."""
    with closing(ProcessSandbox()) as sandbox:
        yield partial(open_live, sandbox)


@pytest.fixture(scope="module")
def live(open_kernel):
    """One kernel for all floods that cost nothing."""
    with open_kernel(preload=("colorsys",)) as opened:
        assert opened.run(PREPARE).error is None
        yield opened


@pytest.fixture
def spoilt(open_kernel):
    """A kernel for one flood that ends the line."""
    with open_kernel(preload=("colorsys",)) as opened:
        assert opened.run(PREPARE).error is None
        yield opened


@pytest.mark.parametrize(
    "flood",
    [
        "print('x' * 200_000_000)",
        "from IPython.display import display\ndisplay({'text/plain': 'x' * 200_000_000}, raw=True)",
        "send(b'topic', parts=[big] * 100)",
        "kernel.iopub_socket.send_multipart([b'topic'] + [big] * 100)",
        "for _ in range(50): print('x' * 4_000_000)",
        "c = next(iter(kernel.comm_manager.comms.values()))\nc.send({}, buffers=[big] * 100)",
        "send(b'comm-1', 'comm_msg', parts=[big] * 100)",
        "send(b'topic', raw=b'[' + b'[],' * 4_000_000 + b'[]]')",
        "send(b'comm-1', raw=b'[' + b'[],' * 4_000_000 + b'[]]')",
    ],
    ids=[
        "text",
        "display",
        "buffers",
        "parts",
        "prints",
        "comm",
        "forged comm",
        "nested",
        "nested reply",
    ],
)
def test_output_over_the_bound_is_left_out_and_costs_nothing(live, flood):
    with flat_memory():
        run = live.run(flood + "\nx = 5")
    assert run.error is None
    assert live.run("x").outputs[0]["data"] == {"text/plain": "5"}
    assert live.ask("get", name="x") == {"value": 5}


@pytest.mark.parametrize(
    "flood",
    [
        "raise ValueError('x' * 40_000_000)",
        "send(b'kernel.status', 'status', parts=[big] * 10)",
    ],
    ids=["exception", "notice"],
)
def test_what_no_honest_notebook_sends_ends_the_line(spoilt, flood):
    with flat_memory(), pytest.raises(OutputFloodError):
        spoilt.run(flood)
    with pytest.raises(OutputFloodError):
        spoilt.ask("get", name="x")


def test_a_reply_over_the_bound_ends_the_line(spoilt):
    spoilt.run("def f(): send(b'comm-1', 'comm_msg', parts=[big] * 100)")
    with pytest.raises(OutputFloodError):
        spoilt.ask("call", ref=spoilt.ref("f"))


def test_many_small_messages_are_left_out_cheaply(open_kernel, monkeypatch):
    share = allowance.Share(2_000, 2**26, allowance.OUTPUT.room)
    monkeypatch.setattr(allowance, "OUTPUT", share)
    flood = "for _ in range(30_000): kernel.iopub_socket.send_multipart(parts)"
    prepare = "send.__globals__['parts'] = [b'stream.stdout', b'<IDS|MSG>', b'', b'{}', b'{}', b'{}', b'{}']"
    with open_kernel(preload=("colorsys",)) as opened, flat_memory():
        opened.run(PREPARE + prepare)
        start = time.process_time()
        run = opened.run(flood)
        seconds = time.process_time() - start
    assert is_cut_note(run.outputs[-1])
    assert seconds < 4  # all of it taken up would be 10


def test_too_many_messages_that_cannot_be_left_out_end_the_line(open_kernel, monkeypatch):
    monkeypatch.setattr(allowance, "NOTICE", allowance.Share(2_000, 2**26, allowance.NOTICE.room))
    with open_kernel(preload=("colorsys",)) as opened, pytest.raises(OutputFloodError):
        opened.run(
            PREPARE
            + LOSES_NOTHING
            + "for _ in range(5_000): send(b'kernel.status', 'status', {'execution_state': 'busy'})"
        )


def test_a_long_training_with_progress_bars_loses_nothing(open_kernel):
    train = (
        "import sys\nfor epoch in range(60):\n    for step in range(100):\n"
        "        sys.stdout.write('\\b' * 80 + '\\r' + f'{step}/100 ' + '=' * 200)\n"
        "    print(f' - loss: {epoch}')"
    )
    with open_kernel(preload=("colorsys",), output_bytes=40_000) as opened:
        outputs = opened.run(train).outputs
    (text,) = (output["text"] for output in outputs)
    assert [line.rpartition(": ")[2] for line in text.splitlines()] == [str(n) for n in range(60)]
    assert "\r" not in text


def test_what_was_left_out_is_said_in_that_cell_only(open_kernel):
    with open_kernel(preload=("colorsys",), output_bytes=20_000) as opened:
        first = opened.run("for n in range(5_000): print(n)")
        second = opened.run("x = 1")
        third = opened.run("1 / 0")
    assert first.outputs[0]["text"].startswith("0\n1\n2\n")
    assert is_cut_note(first.outputs[1])
    assert second.outputs == []
    assert third.error.name == "ZeroDivisionError"


def test_a_picture_drawn_anew_counts_once(open_kernel):
    draw = (
        "from IPython.display import clear_output, display\n"
        "for n in range(100):\n    clear_output(wait=True)\n    display({'text/plain': 'x' * 5_000}, raw=True)\n"
        "print('end')"
    )
    with open_kernel(preload=("colorsys",), output_bytes=40_000) as opened:
        outputs = opened.run(draw).outputs
    assert [output["output_type"] for output in outputs] == ["display_data", "stream"]


def test_an_output_that_could_not_be_written_again_is_dropped(live):
    deep = "x = 0\nfor _ in range(300): x = [x]\nfrom IPython.display import display\n"
    run = live.run(deep + "display({'application/json': {'x': x}}, raw=True)\nx = 5")
    assert run.outputs == []
    assert run.error is None
