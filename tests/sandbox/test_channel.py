"""Channels to a kernel that is slow to open its sockets, or goes while it is read."""

import asyncio
import subprocess
import sys
from pathlib import Path

import zmq
import zmq.asyncio

from autograder.sandbox.channel import GuardedClient
from tests.sandbox.flooding_kernel import PORTS


def test_a_kernel_that_opens_its_sockets_late_is_waited_for_however_long(tmp_path):
    async def ask():
        client = GuardedClient(transport="ipc", ip=str(tmp_path / "k"), **PORTS)
        client.start_channels()
        channels = (client.shell_channel, client.iopub_channel)
        patience = [channel.socket.get(zmq.HANDSHAKE_IVL) for channel in channels]
        client.kernel_info()
        await asyncio.sleep(0.3)
        with zmq.asyncio.Context() as context, context.socket(zmq.ROUTER) as kernel:
            kernel.bind(f"ipc://{tmp_path}/k-0")
            parts = await asyncio.wait_for(kernel.recv_multipart(), 20)
        client.stop_channels()
        return patience, parts

    patience, parts = asyncio.run(ask())
    assert patience == [0, 0]  # else ZeroMQ gives up after 30 s, for good
    assert b"<IDS|MSG>" in parts


def test_a_kernel_that_goes_while_it_is_read_does_not_end_the_grader():
    run = subprocess.run(
        [sys.executable, "-m", "tests.sandbox.flooding_kernel"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert run.returncode == 0, run.stderr
    *numbers, last = run.stdout.split()
    assert last == "survived"
    assert set(numbers) == {"3000"}, "what it said before it went is read"
