"""A kernel that dies is replaced: earlier cells run again, the rest counts, nobody pays twice."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from contextlib import asynccontextmanager, contextmanager

import pytest

from autograder.errors import KernelLostError
from autograder.grade.losses import MAX_RUNS, Losses
from autograder.grade.meter import Meter
from autograder.grade.session import FLOOD, Session
from autograder.grade.submission import grade_submission
from autograder.sandbox.base import Death, KernelDiedError, KernelRequest, Usage
from autograder.sandbox.flood import OutputFloodError
from autograder.sandbox.outputs import CUT_TEXT
from autograder.sandbox.scripted import ScriptedSandbox
from autograder.schema import AssessmentConfig, Limits, Outcome
from autograder.wire.frame import Frame
from tests.faults.victims import find_kind
from tests.grade.conftest import case, question, submit, write_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """Four questions: is `a1` one, `a2` two …"""
    questions = [
        question(
            f"q{n}",
            case(f"def test_it(a{n}):\n    assert a{n} == {n}", question=f"q{n}"),
            time_limit_seconds=1.5,
        )
        for n in range(1, 5)
    ]
    config = AssessmentConfig(language="ko", limits=Limits(wall_seconds=120, output_bytes=20_000))
    return write_bundle(tmp_path_factory.mktemp("bundle"), questions, config=config)


def _scores(result):
    return [item.score for item in result.questions]


def test_a_death_in_cell_3_of_10_costs_one_question(bundle, grade):
    result = grade(
        bundle,
        "%%writefile -a helper.py\ndef one(): return 1",
        "open('left.txt', 'a').write('x')\nfrom helper import one\na1 = one()",
        "import os\nos.kill(os.getpid(), 11)\na2 = 2",
        "grader.check('q2')",
        "import importlib, helper\nimportlib.reload(helper)\na3 = helper.one() + 2 * (open('left.txt').read() == 'x')",
        "grader.check('q3')",
        "assert open('helper.py').read().count('def one') == 1",
        "a4 = 4",
        "grader.check('q4')",
        "grader.check('q1')",
    )
    assert _scores(result) == [1, 0, 1, 1]
    assert "종료" in result.questions[1].message


def test_a_loop_that_was_stopped_is_stopped_again_in_the_new_kernel(bundle, grade):
    result = grade(
        bundle,
        "a1 = 1\nwhile True: pass",
        "grader.check('q1')",
        "a2 = 2\nimport os\nos._exit(0)",
        "grader.check('q2')",
        "a3 = 3",
        "grader.check('q3')",
        "a4 = 4",
    )
    assert _scores(result) == [0, 0, 1, 1]
    assert [item.cpu_seconds < 5 for item in result.questions] == [True] * 4
    assert result.wall_seconds < 120


def test_a_flood_costs_its_own_question_and_is_said(bundle, grade):
    result = grade(
        bundle,
        "a1 = 1",
        "grader.check('q1')",
        "a2 = 2\nraise ValueError('x' * 40_000_000)",
        "grader.check('q2')",
        "a3 = 3\ndef f(): pass",
        "grader.check('q3')",
        "a4 = 4",
    )
    assert result.outcome == "graded"
    assert _scores(result) == [1, 0, 1, 1]
    assert "출력" in result.questions[1].message
    assert "print" in result.questions[1].next_step


def test_output_that_was_left_out_costs_nothing_and_is_said_in_the_notebook(
    bundle, sandbox, scorers
):
    cells = [
        "for n in range(20_000): print(n)\na1 = 1",
        "a2 = 2\nprint('x' * 30_000_000)",
        "a3 = 3\nprint('three')",
        "a4 = 4",
    ]
    graded = grade_submission(submit(*cells), bundle, sandbox, scorers)
    assert _scores(graded.result) == [1, 1, 1, 1]
    ran = json.loads(graded.executed)["cells"]
    notes = [output["data"]["text/plain"] for cell in ran[:2] for output in cell["outputs"][-1:]]
    assert notes == ["… 출력이 너무 많아 나머지는 생략했습니다."] * 2
    assert CUT_TEXT not in graded.executed.decode()
    assert ran[2]["outputs"][0]["text"] == "three\n"


def _use(sandbox, work, **limits):
    async def session():
        async with Session(sandbox, KernelRequest({}, Limits(**limits))) as opened:
            return await work(opened)

    return asyncio.run(session())


def test_a_cell_that_floods_is_an_error_and_is_not_run_again():
    sandbox = ScriptedSandbox(runs={"flood": OutputFloodError("…"), "die": KernelDiedError("…")})

    async def work(session):
        run = await session.run_cell("flood", Meter(10))
        await session.run_cell("x = 1", Meter(10))
        await session.run_cell("die", Meter(10))
        await session.run_cell("y = 1", Meter(10))
        return run

    assert _use(sandbox, work).error.name == FLOOD
    assert [kernel.sources for kernel in sandbox.kernels] == [
        ["flood"],
        ["x = 1", "die"],
        ["x = 1", "y = 1"],
    ]


def test_a_call_that_floods_is_an_error_of_the_student():
    def reply(_request):
        raise OutputFloodError("…")

    async def work(session):
        return await session.ask(Frame({"op": "get", "name": "x"}), Meter(10))

    assert _use(ScriptedSandbox(replies=reply), work).head["error"]["name"] == FLOOD


def test_the_time_of_running_earlier_cells_again_is_not_the_students():
    sandbox = ScriptedSandbox(runs={"die": KernelDiedError("…")})
    meters = Meter(10), Meter(10)

    async def work(session):
        await session.run_cell("x = 1", meters[0])
        await session.run_cell("die", meters[0])
        kernel_run = type(sandbox.kernels[0]).run_cell

        async def slow(self, source):
            await asyncio.sleep(1.0 if source == "x = 1" else 0)
            return await kernel_run(self, source)

        before = time.monotonic()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(sandbox.kernels[0]), "run_cell", slow)
            outcome = await session.run_cell("y = 1", meters[1])
        assert time.monotonic() - before > 1
        return outcome, session.is_out_of_time

    _, is_out_of_time = _use(sandbox, work, wall_seconds=0.9)
    assert meters[1].wall_seconds < 0.5
    assert not is_out_of_time


class SlowSandbox(ScriptedSandbox):
    """Its kernels take longer to start than a submission may take."""

    def open_kernel(self, request):
        @asynccontextmanager
        async def open_slowly():
            await asyncio.sleep(1.0)
            async with ScriptedSandbox.open_kernel(self, request) as kernel:
                yield kernel

        return open_slowly()


def test_a_kernel_that_is_slow_to_start_costs_the_student_no_time():
    async def work(session):
        first = session.is_out_of_time
        await session.run_cell("die", Meter(10))
        await session.run_cell("x = 1", Meter(10))
        return first, session.is_out_of_time

    sandbox = SlowSandbox(runs={"die": KernelDiedError("…")})
    assert _use(sandbox, work, wall_seconds=0.9) == (False, False)
    assert len(sandbox.kernels) == 2


def test_the_outcome_of_a_death_is_an_error(bundle, grade):
    result = grade(bundle, "import os\nos.abort()", "grader.check('q1')", "a2 = 2")
    assert result.questions[0].outcome is Outcome.ERROR
    assert result.questions[1].score == 1


def _lose(sandbox, runs):
    """What each run of a session ends with whose only cell is `die`; runs share their losses."""
    losses = Losses()

    async def run():
        async with Session(sandbox, KernelRequest({}, Limits()), losses) as session:
            try:
                return await session.run_cell("die", Meter(10))
            except KernelLostError:
                return "lost"

    return [asyncio.run(run()) for _ in range(runs)]


@pytest.mark.parametrize(
    ("death", "ends"),
    [
        (Death.OWN, [Outcome.ERROR] * 4),
        (Death.KILLED, ["lost", "lost", Outcome.ERROR, Outcome.ERROR]),
        (Death.HARDLY_OWN, ["lost"] * 4),
        (Death.OUTSIDE, ["lost"] * 4),
    ],
)
def test_a_death_counts_once_it_is_known_to_be_the_students(death, ends):
    sandbox = ScriptedSandbox(runs={"die": KernelDiedError("…")}, deaths=[death])
    assert _lose(sandbox, 4) == ends


def test_what_hardly_anything_else_explains_counts_in_the_last_run_only():
    losses = Losses()
    ends = [losses.is_students(Death.HARDLY_OWN, ("cell", 1)) for _ in range(MAX_RUNS)]
    assert ends == [False] * (MAX_RUNS - 1) + [True]
    assert not losses.is_students(Death.HARDLY_OWN, ("cell", 2))


def test_deaths_at_different_places_prove_nothing():
    losses = Losses()
    assert not any(losses.is_students(Death.KILLED, ("cell", n)) for n in range(10))
    assert [losses.begin_again() for _ in range(MAX_RUNS)] == [True] * (MAX_RUNS - 1) + [False]


def test_running_out_of_its_own_memory_is_the_students_however_it_was_ended():
    sandbox = ScriptedSandbox(
        runs={"die": KernelDiedError("…")},
        usages=[Usage(0.0, 0.0, out_of_memory=True)],
        deaths=[Death.OUTSIDE],
    )
    assert _lose(sandbox, 1) == [Outcome.MEMORY_LIMIT]


def test_kernels_that_something_outside_ends_again_and_again_are_a_fault_of_ours(bundle, scorers):
    sandbox = ScriptedSandbox(runs={"die": KernelDiedError("…")}, deaths=[Death.OUTSIDE])
    result = grade_submission(submit("die"), bundle, sandbox, scorers).result
    assert (result.outcome, result.score) == ("grader_error", None)
    assert "short of memory" in result.staff_message
    assert len(sandbox.kernels) == MAX_RUNS


def test_a_kernel_that_kills_itself_costs_its_own_question(bundle, grade):
    result = grade(
        bundle, "a1 = 1", "import os\nos.kill(os.getpid(), 9)\na2 = 2", "a3 = 3", "a4 = 4"
    )
    assert _scores(result) == [1, 0, 1, 1]


@contextmanager
def _killing(kind, delay_seconds):
    """Kill the processes of `kind` once, when they have been there for so long."""
    killed, over = [], threading.Event()

    def kill():
        while not killed and not over.wait(0.02):
            victims = find_kind(os.getpid(), kind)  # perhaps one that is just leaving
            if victims and not over.wait(delay_seconds):
                killed.extend(victim for victim in victims if victim.kill())

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


SLOW = "import time\ntime.sleep(1.2)\n"


@pytest.mark.parametrize("kind", ["ancestor", "zygote", "first", "kernel"])
def test_a_kernel_that_was_killed_from_outside_costs_nothing(bundle, kind, grade):
    with _killing(kind, 0.7) as killed:
        result = grade(bundle, SLOW + "a1 = 1", "a2 = 2", "a3 = 3", "a4 = 4")
    assert killed
    assert result.outcome == "graded"
    assert _scores(result) == [1, 1, 1, 1]


@pytest.fixture(scope="module")
def slow_tests(tmp_path_factory):
    """A question whose test takes a while here, and then in the student's function."""
    source = "def test_it(f):\n    import time\n    time.sleep(1)\n    assert f() == 1"
    return write_bundle(tmp_path_factory.mktemp("slow"), [question("q1", case(source))])


@pytest.mark.parametrize(
    ("kind", "delay_seconds"),
    [("scorer", 0.6), ("scorers", 0.6), ("ancestor", 0.6), ("kernel", 1.8)],
)
def test_what_was_killed_during_a_test_costs_nothing(slow_tests, kind, delay_seconds, grade):
    with _killing(kind, delay_seconds) as killed:
        result = grade(slow_tests, "def f():\n    import time\n    time.sleep(1.5)\n    return 1")
    assert killed
    assert (result.outcome, result.score) == ("graded", 1)
