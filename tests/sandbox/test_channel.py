"""Channels to a kernel that is slow to open its sockets."""

import asyncio

import zmq
import zmq.asyncio

from autograder.sandbox.channel import GuardedClient

PORTS = {f"{name}_port": number for number, name in enumerate(("shell", "iopub", "stdin", "hb"))}


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
