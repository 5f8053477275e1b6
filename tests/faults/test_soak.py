"""Nothing grows: a short run of the soak (`benchmarks/soak`), hostile submissions among honest ones."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GRADINGS = 40


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the fork sandbox needs Linux")
def test_gradings_leave_nothing_behind():
    run = subprocess.run(
        [sys.executable, "benchmarks/soak", "--light", "--gradings", str(GRADINGS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "short" not in run.stdout
