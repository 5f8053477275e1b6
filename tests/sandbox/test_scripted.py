"""The sandbox for tests follows its script and notes what it was asked."""

import asyncio

import pytest

from autograder.sandbox.base import CellError, CellRun, KernelDiedError, KernelRequest, Usage
from autograder.sandbox.scripted import ScriptedSandbox
from autograder.schema import Limits
from autograder.wire.frame import Frame

REQUEST = KernelRequest({"data.txt": b"1"}, Limits())
FAILED = CellRun(error=CellError("ValueError", "no", "…"), stderr="err")


def use(sandbox, work):
    async def session():
        async with sandbox.open_kernel(REQUEST) as kernel:
            return await work(kernel)

    return asyncio.run(session())


def test_a_cell_gives_what_the_script_has_for_it():
    async def work(kernel):
        return await kernel.run_cell("bad"), await kernel.run_cell("other")

    assert use(ScriptedSandbox(runs={"bad": FAILED}), work) == (FAILED, CellRun())


def test_an_exception_of_the_script_is_raised():
    sandbox = ScriptedSandbox(runs={"os._exit(0)": KernelDiedError("gone")})
    with pytest.raises(KernelDiedError, match="gone"):
        use(sandbox, lambda kernel: kernel.run_cell("os._exit(0)"))


def test_requests_are_answered_by_the_script():
    def reply(request):
        return Frame({"value": request.head["name"].upper()})

    request = Frame({"op": "get", "name": "x"})
    assert use(ScriptedSandbox(replies=reply), lambda kernel: kernel.ask(request)).head == {
        "value": "X"
    }


def test_usage_follows_the_script_and_stays_at_its_end():
    async def work(kernel):
        return [kernel.usage() for _ in range(3)]

    first, last = Usage(1.0, 10.0), Usage(2.0, 20.0)
    assert use(ScriptedSandbox(usages=[first, last]), work) == [first, last, last]


def test_every_kernel_starts_at_the_beginning_of_the_script():
    async def work(kernel):
        return kernel.usage()

    sandbox = ScriptedSandbox(usages=[Usage(1.0, 1.0), Usage(2.0, 2.0)])
    assert use(sandbox, work) == use(sandbox, work) == Usage(1.0, 1.0)


def test_it_notes_what_it_was_asked():
    async def work(kernel):
        await kernel.run_cell("a = 1")
        await kernel.ask(Frame({"op": "get", "name": "a"}))
        await kernel.interrupt()

    sandbox = ScriptedSandbox()
    use(sandbox, work)
    (kernel,) = sandbox.kernels
    assert kernel.request is REQUEST
    assert kernel.sources == ["a = 1"]
    assert [request.head["op"] for request in kernel.requests] == ["get"]
    assert (kernel.interrupts, kernel.killed) == (1, True)
