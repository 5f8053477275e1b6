"""Benchmarks still measure what they say: each on the smallest class, whatever its figures are."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNS = {
    "scale": (
        "--sizes 3 6 --plot {folder}/scale.svg",
        "dearest_to_cheapest_submission",
        "seconds_for_300_feedback_pages",
    ),
    "regrade.py": (
        "--sample 2 --class-size 4",
        "times_faster_threshold",
        "times_faster_test_of_values",
        "times_faster_test_of_model",
        "times_faster_hidden_data",
    ),
    "kernel_start.py": ("--rounds 1", "fork_seconds", "process_to_fork", "fork_private_mib"),
}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="the fork sandbox needs Linux")
@pytest.mark.parametrize("name", RUNS)
def test_a_benchmark_measures_everything_it_tells_of(name, tmp_path):
    options, *figures = RUNS[name]
    run = subprocess.run(
        [sys.executable, f"benchmarks/{name}", *options.format(folder=tmp_path).split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=580,
    )
    told = [line.split()[1] for line in run.stdout.splitlines() if " = " in line]
    assert set(figures) <= set(told), run.stdout + run.stderr
