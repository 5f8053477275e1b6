"""`autograder doctor` tells the truth: as root, as an ordinary user, and where a wall is missing."""

import json
import os
import tempfile
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from autograder.doctor import Examination, Finding, examine
from autograder.sandbox.base import SandboxOptions
from autograder.sandbox.fork import ForkSandbox
from autograder.sandbox.process import ProcessSandbox
from autograder.sandbox.walls import DEFAULT_MINIMUM, NAMES
from tests.sandbox.ordinary_user import run_as_ordinary_user

WALLS = [name for name in NAMES if name != "container"]  # which is no wall of a kernel itself
DOCTOR = "import sys\nfrom autograder.cli.main import app\nsys.argv = ['autograder', 'doctor', '--json']\ntry:\n    app()\nexcept SystemExit as end:\n    print(end.code or 0)"


def _held(examined: Examination) -> dict[str, bool]:
    return {finding.wall: finding.held for finding in examined.findings}


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="the grader is no root here")
def test_as_root_every_wall_holds():
    with closing(ForkSandbox(SandboxOptions(minimum=()))) as sandbox:
        examined = examine(sandbox, DEFAULT_MINIMUM)
    assert _held(examined) == dict.fromkeys(WALLS, True)
    assert not any(finding.broken for finding in examined.findings)
    assert (examined.missing, examined.failure) == ((), "")
    assert examined.training_seconds > 0


@pytest.mark.slow
def test_an_ordinary_user_has_no_user_id_to_give_and_no_control_group():
    with tempfile.TemporaryDirectory(prefix="open-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        printed = run_as_ordinary_user(DOCTOR, Path(folder) / "home")
    text, _, code = printed.strip().rpartition("\n")
    found = json.loads(text)
    held = {item["wall"]: item["held"] for item in found["findings"]}
    assert [name for name in WALLS if not held[name]] == ["uid", "cgroup"]
    assert found["broken"] == []
    assert code == "0"


@pytest.mark.slow
def test_a_sandbox_without_walls_is_found_out():
    with closing(ProcessSandbox()) as sandbox:
        examined = examine(sandbox, ("files", "seccomp", "rlimits"))
    held = _held(examined)
    assert held["rlimits"]
    assert not any(held[name] for name in ("uid", "mount", "pid", "network", "landlock", "seccomp"))
    assert examined.missing == ("files", "seccomp")
    assert all(finding.advice for finding in examined.findings if not finding.held)


@pytest.mark.slow
def test_a_wall_that_is_claimed_and_walked_through_is_broken():
    class Boaster(ProcessSandbox):
        @asynccontextmanager
        async def _open_kernel(self, request):
            async with super()._open_kernel(request) as kernel:
                type(kernel).walls = property(lambda _: ("rlimits", "mount"))
                yield kernel

    from autograder.sandbox.jupyter import JupyterKernel

    original = JupyterKernel.walls
    try:
        with closing(Boaster()) as sandbox:
            examined = examine(sandbox, ())
    finally:
        JupyterKernel.walls = original
    assert [finding.wall for finding in examined.findings if finding.broken] == ["mount"]


def test_a_machine_where_nothing_starts_says_why():
    with closing(ForkSandbox(SandboxOptions(minimum=()))) as sandbox:
        sandbox._warmth.choice.refused.update(
            {"machine": "a", "user": "b", "none": "no fork today"}
        )
        examined = examine(sandbox, ("files",))
    assert "no fork today" in examined.failure
    assert examined.missing == ("files",)


def test_a_finding_that_was_not_claimed_is_not_broken():
    assert not Finding(wall="mount", held=False, claimed=False, met="").broken
