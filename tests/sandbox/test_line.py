"""The line to a container, tried with a small program in its place."""

import asyncio
import sys

import pytest

from autograder.errors import SandboxError
from autograder.sandbox.line import Line
from autograder.wire.packet import CHANNELS, Kind

PEER = """
import os, struct, sys
HEAD = struct.Struct("<BII")
def send(kind, number=0, content=b""):
    os.write(1, HEAD.pack(kind, number, len(content)) + content)
def receive():
    head = sys.stdin.buffer.read(HEAD.size)
    if len(head) < HEAD.size:
        sys.exit(0)
    kind, number, size = HEAD.unpack(head)
    return kind, number, sys.stdin.buffer.read(size)
"""
ECHO = """
send(1, 0, b'{"uid": 5}')
receive(), receive()
while True:
    kind, number, content = receive()
    if kind == 5:
        send(5, number, content.upper())
    elif kind == 7:
        send(8, number)
"""


def use(program, work, at_end=lambda: None):
    """Result of `work(line)` with a program that runs after PEER at the other end."""

    async def session():
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PEER + program), stdin=-1, stdout=-1, stderr=-1
        )
        line = Line(process, at_end)
        try:
            return await asyncio.wait_for(work(line), 20)
        finally:
            await line.close()
            await asyncio.wait_for(process.wait(), 20)

    return asyncio.run(session())


def make_connection(folder):
    ports = {f"{name}_port": number for number, name in enumerate(CHANNELS)}
    return {"transport": "ipc", "ip": str(folder / "k"), **ports}


def test_bytes_are_carried_both_ways_between_sockets_and_packets(tmp_path):
    async def work(line):
        assert await line.wait_until_ready() == {"uid": 5}
        await line.listen(make_connection(tmp_path))
        await line.start({}, b"")
        one = await asyncio.open_unix_connection(tmp_path / "k-0")
        two = await asyncio.open_unix_connection(tmp_path / "k-1")
        for _, writer in (one, two):
            writer.write(b"a" * 200_000)
        got = [await reader.readexactly(200_000) for reader, _ in (one, two)]
        for _, writer in (one, two):
            writer.close()
        return got

    assert use(ECHO, work) == [b"A" * 200_000] * 2


def test_the_end_of_the_kernel_is_told_with_its_status_and_measured_once():
    measured = []

    async def work(line):
        await line.wait_until_ready()
        await line.start({}, b"")
        line.send_signal(9)
        await line.ended.wait()
        line.send_signal(2)
        return line.status

    assert use(ECHO, work, lambda: measured.append(1)) == 9
    assert measured == [1]


@pytest.mark.parametrize(
    "nonsense",
    [
        "os.write(1, HEAD.pack(5, 1, 2**31))",
        "os.write(1, HEAD.pack(200, 1, 0))",
        "sys.exit(3)",
        "os.write(1, b'x')",
    ],
)
def test_nonsense_is_the_end_of_the_line_and_no_failure(nonsense):
    async def work(line):
        await line.wait_until_ready()
        await line.start({}, b"")
        await line.ended.wait()
        return line.status

    program = f"send(1, 0, b'{{}}')\nreceive(), receive()\n{nonsense}\nos.close(1)\nreceive()"
    assert use(program, work) == 1


def test_data_of_a_connection_that_nobody_made_is_dropped():
    async def work(line):
        await line.wait_until_ready()
        await line.start({}, b"")
        await line.ended.wait()
        return line.status

    program = "send(1, 0, b'{}')\nreceive(), receive()\nsend(5, 77, b'x')\nsend(6, 78)\nsend(8, 4)"
    assert use(program, work) == 4


def test_what_is_sent_to_a_container_that_listens_no_more_is_dropped_in_silence(tmp_path, caplog):
    async def work(line):
        await line.wait_until_ready()
        await line.listen(make_connection(tmp_path))
        await line.start({}, b"")
        _, writer = await asyncio.open_unix_connection(tmp_path / "k-0")
        for _ in range(20):
            writer.write(b"a")
            await asyncio.sleep(0.02)
        writer.close()
        return line.ended.is_set()

    deaf = "send(1, 0, b'{}')\nreceive(), receive()\nos.close(0)\nimport time\ntime.sleep(2)"
    assert not use(deaf, work)
    assert caplog.messages == []


def test_a_container_that_does_not_start_says_why():
    async def work(line):
        with pytest.raises(SandboxError, match="did not start: OCI runtime error"):
            await line.wait_until_ready()

    use("sys.stderr.write('OCI runtime\\n error')", work)


def test_an_image_that_is_not_ours_is_noticed():
    async def work(line):
        with pytest.raises(SandboxError, match="is the image ours"):
            await line.wait_until_ready()

    use("send(5, 0, b'hello')", work)


def test_every_kind_of_packet_has_one_number():
    assert len(set(Kind)) == 8
