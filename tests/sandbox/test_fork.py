"""The `process` sandbox: what student code does comes back as values, and nothing stays behind."""

import asyncio

import psutil

from autograder.sandbox.base import KernelRequest
from autograder.sandbox.process import ProcessSandbox
from autograder.schema import Limits

# Warm kernels


def test_a_warm_kernel_has_its_modules_and_is_seeded(open_kernel):
    with open_kernel(preload=("colorsys",)) as live:
        assert live.evaluate("'colorsys' in __import__('sys').modules") == "True"
        first = live.evaluate("__import__('random').random()")
    with open_kernel(preload=("colorsys",)) as live:
        assert live.evaluate("__import__('random').random()") == first


def test_warm_kernels_share_nothing_that_one_changes(open_kernel):
    with open_kernel(preload=("colorsys",)) as one, open_kernel(preload=("colorsys",)) as other:
        one.run(
            "import colorsys, os\ncolorsys.changed = True\nopen('left', 'w').close()\nos.environ['X'] = '1'"
        )
        assert other.evaluate("hasattr(__import__('colorsys'), 'changed')") == "False"
        assert other.evaluate("__import__('os').listdir()") == "[]"
        assert other.evaluate("__import__('os').environ.get('X')") == "None"


def test_closing_the_sandbox_ends_its_warm_process():
    sandbox = ProcessSandbox()
    before = {child.pid for child in psutil.Process().children()}

    async def use():
        async with sandbox.open_kernel(KernelRequest({}, Limits(), ("colorsys",))) as kernel:
            await kernel.run_cell("1")

    asyncio.run(use())
    started = [child for child in psutil.Process().children() if child.pid not in before]
    sandbox.close()
    assert len(started) == 1
    assert not started[0].is_running()
