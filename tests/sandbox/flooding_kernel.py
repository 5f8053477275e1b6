"""A process that reads what a kernel floods it with until the kernel goes, some rounds of it.

Run by `test_channel`, for what it looks for would end the test's own process. Prints `survived`.
"""

import asyncio
import socket
import struct
import tempfile
import threading
import time
from pathlib import Path

import zmq

from autograder.sandbox.channel import GuardedClient
from tests.sandbox.test_sieve import GREETING, pack

ROUNDS = 12
MESSAGES = 3_000
READY_BODY = b"\x05READY\x0bSocket-Type" + struct.pack(">I", 3) + b"PUB"
READY = bytes([4, len(READY_BODY)]) + READY_BODY
MESSAGE = pack(*[b"x" * 20] * 6, b"end")
PORTS = {f"{name}_port": number for number, name in enumerate(("shell", "iopub", "stdin", "hb"))}


def flood(path):
    """A kernel's iopub socket: shakes hands, sends, and goes."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(1)
        line, _ = listener.accept()
        with line:
            line.sendall(GREETING + READY)
            heard = b""
            while len(heard) <= len(GREETING) + len(READY):
                heard += line.recv(4096)
            time.sleep(0.05)  # until it has subscribed
            line.sendall(MESSAGE * MESSAGES)


async def read(folder):
    """Number of messages read from a kernel until nothing comes any more."""
    kernel = threading.Thread(target=flood, args=(f"{folder}/k-1",))
    kernel.start()
    client = GuardedClient(transport="ipc", ip=f"{folder}/k", **PORTS)
    client.start_channels()
    line, number = client.iopub_channel.socket, 0
    while line.get(zmq.EVENTS) & zmq.POLLIN or await line.poll(300):
        await line.recv_multipart()
        number += 1
        await asyncio.sleep(0)
    client.stop_channels()
    kernel.join()
    return number


if __name__ == "__main__":
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as place:
            print(asyncio.run(read(Path(place))), flush=True)
    print("survived")
