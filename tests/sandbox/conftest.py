"""Real kernels, driven from ordinary tests."""

import asyncio
from contextlib import AsyncExitStack, closing, contextmanager
from functools import partial

import pytest

from autograder.sandbox.base import KernelRequest
from autograder.sandbox.fork import ForkSandbox
from autograder.sandbox.process import ProcessSandbox
from autograder.schema import Limits
from autograder.wire.frame import Frame

FLOOD = """
kernel, block = get_ipython().kernel, b"x" * 20_000_000
for _ in range(20):
    kernel.session.send(
        kernel.iopub_socket, "display_data", {}, kernel.get_parent(), ident=b"d", buffers=[block])
"""


class Live:
    """A kernel whose methods wait for their result.

    Attributes:
        kernel: the kernel itself.
        runner: the event loop it lives in.
    """

    def __init__(self, runner, kernel):
        self.runner = runner
        self.kernel = kernel

    def wait(self, work):
        return self.runner.run(asyncio.wait_for(work, 60))

    def run(self, source):
        return self.wait(self.kernel.run_cell(source))

    def evaluate(self, expression):
        """Value that an expression has in the kernel, read back from its printed form."""
        run = self.run(f"print({expression}, end='')")
        assert run.error is None, run.error
        return "".join(output["text"] for output in run.outputs)

    def ask(self, operation, **keys):
        return self.wait(self.kernel.ask(Frame({"op": operation, **keys}))).head

    def ref(self, name):
        return self.ask("get", name=name)["value"]["ref"]

    def together(self, *works):
        async def gather():
            return await asyncio.gather(*works, return_exceptions=True)

        return self.runner.run(gather())

    def interrupt(self, work):
        """What comes of work that is interrupted soon."""

        async def interrupt_soon():
            await asyncio.sleep(0.3)
            await self.kernel.interrupt()

        return self.together(work, interrupt_soon())[0]


@contextmanager
def open_live(sandbox, files=None, preload=(), **limits):
    """A kernel with `files` in its working folder."""
    request = KernelRequest(files or {}, Limits(**limits), preload)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        kernel = runner.run(stack.enter_async_context(sandbox.open_kernel(request)))
        try:
            yield Live(runner, kernel)
        finally:
            runner.run(stack.aclose())


@pytest.fixture(scope="session", params=[ForkSandbox, ProcessSandbox])
def sandbox(request):
    """Every sandbox whose kernels run on any Linux, one after the other."""
    with closing(request.param()) as opened:
        yield opened


@pytest.fixture(scope="module")
def live(sandbox):
    """One kernel for all tests of a module that leave it in order."""
    files = {"data/수.txt": "셋".encode(), "helper.py": b"answer = 42\n"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_SECRET", "hunter2")
        with open_live(sandbox, files) as opened:
            yield opened


@pytest.fixture(scope="session")
def open_kernel(sandbox):
    """Opens a kernel of its own for a test that breaks it: `with open_kernel(files) as live:`."""
    return partial(open_live, sandbox)
