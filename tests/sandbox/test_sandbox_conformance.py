"""What every sandbox does, run over all that are listed."""

import asyncio
from contextlib import closing
from inspect import signature

import pytest

from autograder.errors import UnavailableError
from autograder.plugins import list_plugins, load_plugin
from autograder.sandbox.base import CellRun, KernelDiedError, KernelRequest, Sandbox, Usage
from autograder.schema import Limits
from autograder.wire.frame import Frame

SANDBOXES = list_plugins("sandboxes")
REQUEST = KernelRequest({"data.txt": b"1"}, Limits())


@pytest.fixture(params=SANDBOXES, scope="module")
def opened(request):
    try:
        made = load_plugin("sandboxes", request.param)()
    except UnavailableError as lacking:  # no engine, or no image: the sandbox itself says so
        pytest.skip(str(lacking))
    with closing(made) as sandbox:
        yield sandbox


def use(sandbox, work):
    """Result of `work(kernel)` in a fresh kernel."""

    async def session():
        async with sandbox.open_kernel(REQUEST) as kernel:
            return await asyncio.wait_for(work(kernel), 60)

    return asyncio.run(session())


def test_the_real_one_and_the_one_for_tests_are_listed():
    assert {"process", "scripted"} <= set(SANDBOXES)


def test_it_says_its_name_and_its_kernels_walls(opened):
    async def work(kernel):
        return kernel.walls

    assert opened.name in SANDBOXES
    walls = use(opened, work)
    assert isinstance(walls, tuple)
    assert all(isinstance(wall, str) for wall in walls)


def test_its_methods_take_what_the_protocol_says(opened):
    for name in ("open_kernel", "close"):
        given = list(signature(getattr(type(opened), name)).parameters)
        assert given == list(signature(getattr(Sandbox, name)).parameters)


def test_a_kernel_runs_answers_and_measures(opened):
    async def work(kernel):
        run = await kernel.run_cell("x = 1")
        reply = await kernel.ask(Frame({"op": "get", "name": "이름"}))
        await kernel.interrupt()
        return run, reply, kernel.usage()

    run, reply, usage = use(opened, work)
    assert run == CellRun()
    assert reply == Frame({"missing": "이름"})
    assert isinstance(usage, Usage)
    assert usage.cpu_seconds >= 0
    assert usage.memory_mib >= 0


def test_a_killed_kernel_runs_and_answers_no_more(opened):
    async def work(kernel):
        await kernel.kill()
        works = kernel.run_cell("x = 1"), kernel.ask(Frame({"op": "get", "name": "x"}))
        return await asyncio.gather(*works, return_exceptions=True)

    assert [type(error) for error in use(opened, work)] == [KernelDiedError, KernelDiedError]


def test_killing_twice_is_no_failure(opened):
    async def work(kernel):
        await kernel.kill()
        await kernel.kill()
        await kernel.interrupt()
        return kernel.usage().cpu_seconds

    assert use(opened, work) >= 0


def test_two_kernels_of_one_sandbox_are_two(opened):
    async def work(first):
        async with opened.open_kernel(REQUEST) as second:
            await second.kill()
            return await first.run_cell("x = 1")

    assert use(opened, work) == CellRun()


def test_an_exception_inside_the_context_comes_out_of_it(opened):
    async def work(kernel):
        raise LookupError("the caller's own")

    with pytest.raises(LookupError, match="the caller's own"):
        use(opened, work)


def test_closing_twice_is_no_failure(opened):
    opened.close()
    opened.close()
