"""The same walls where the grader is an ordinary user; all attacks: `-m tests.hostile --as-user`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SOME = (
    "read/bundle_by_its_path",
    "read/processes_of_others",
    "read/other_submissions",
    "escape/abstract_sockets",
    "escape/mounts",
    "escape/signals_to_the_grader",
    "escape/user_namespaces",
    "exhaust/daemon_that_stays",
)


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="becomes another user")
def test_nothing_succeeds_where_the_grader_is_an_ordinary_user():
    run = subprocess.run(
        [sys.executable, "-m", "tests.hostile", "--as-user", "--without-otter", *SOME],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.endswith(f"hostile: 0 of {len(SOME)} succeeded\n")
