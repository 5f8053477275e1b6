"""What a class costs beside its gradings: per submission, for 10 to 10,000, and in memory.

`a01_digits` is built and its solution graded once. Then classes are taken through finding,
grading, the class report and the export, with a site that copies that one grading: what is
measured are uploads, store, leases, feedback pages and reports. Cost is counted from the second
submission on, for a class of one shows what every class costs.

The plot goes to `build/benchmarks/scale.svg`. Run with `make bench NAME=scale`, or smaller:
`.venv/bin/python benchmarks/scale --sizes 10 100`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from shutil import copytree
from typing import Any

from autograder.course import Course
from benchmarks.figures import find, report, time_command
from benchmarks.scale.measure import load_setting, measure_class
from benchmarks.scale.plot import PHASES, draw

ROOT = Path(__file__).parents[2]
ASSESSMENT = "a01_digits"
SIZES = (10, 100, 1000, 10_000)
FIRST = 12  # of the class that loads what is loaded once: enough for every figure of a class page
CLASS = 300  # of the report that is timed as a command
PLOT = ROOT / "build" / "benchmarks" / "scale.svg"


def prepare(course: Path) -> None:
    """Build the assessment and grade its solution."""
    copytree(ROOT / "solutions" / ASSESSMENT, course / "solutions" / ASSESSMENT)
    time_command([find("autograder"), "assign", ASSESSMENT], course)
    solution = course / "build" / ASSESSMENT / "solution.ipynb"
    time_command([find("autograder"), "grade", ASSESSMENT, str(solution)], course)


def measure_here(course: Path, size: int) -> dict[str, Any]:
    """Seconds and memory of a class of `size`, in this process."""
    setting = load_setting(Course(course), ASSESSMENT)
    with tempfile.TemporaryDirectory(prefix=f"class{size}-", dir=course) as place:
        measure_class(setting, Path(place), FIRST)
        one = measure_class(setting, Path(place), 1)
        spent = measure_class(setting, Path(place), size)
    more = size - 1
    each = {phase: (spent.seconds[phase] - one.seconds[phase]) / more for phase in PHASES}
    cpu = (spent.cpu_seconds - one.cpu_seconds) / more
    return {**asdict(spent), "single": one.seconds, "each": each, "each_cpu": cpu}


def measure_apart(course: Path, size: int) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, str(Path(__file__).parent), "--course", str(course)]
    run = subprocess.run(
        [*command, "--sizes", str(size)], stdout=subprocess.PIPE, text=True, check=True
    )
    row: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return row


def measure_report(course: Path) -> float:
    """Wall seconds of `autograder report` for a class: all feedback pages and the class page."""
    setting = load_setting(Course(course), ASSESSMENT)
    measure_class(setting, course, CLASS)
    output = course / f"results{CLASS}"
    command = [find("autograder"), "report", ASSESSMENT, "--output", str(output), "--json"]
    return time_command(command, course)


def print_row(row: dict[str, Any]) -> None:
    """One line for people."""
    phases = ", ".join(f"{phase} {1000 * row['each'][phase]:.1f}" for phase in PHASES)
    total = 1000 * sum(row["each"].values())
    start = sum(row["single"].values())
    cpu = 1000 * row["each_cpu"]
    print(f"{row['size']:6}: {total:.1f} ms each ({phases}), CPU {cpu:.1f} ms;", end=" ")
    print(f"start {start:.2f} s;", end=" ")
    print(f"memory {row['before_mib']:.0f} MiB before,", end=" ")
    print(f"{row['grading_mib']:.0f} grading, {row['peak_mib']:.0f} with the report", flush=True)


def measure(sizes: Sequence[int], plot: Path) -> bool:
    """Measure every size and the report; print the figures and draw the plot."""
    with tempfile.TemporaryDirectory(prefix="ag-bench-") as place:
        course = Path(place)
        prepare(course)
        rows = []
        for size in sizes:
            rows.append(measure_apart(course, size))
            print_row(rows[-1])
        seconds = measure_report(course)
    draw(rows, plot)
    print(f"drawn: {plot}")
    costs = [sum(row["each"].values()) for row in rows]
    work = [row["each_cpu"] for row in rows]
    growth = rows[-1]["grading_mib"] / rows[0]["grading_mib"]
    held = (rows[-1]["peak_mib"] - rows[0]["peak_mib"]) / (rows[-1]["size"] - rows[0]["size"])
    well = report("scale", "dearest_to_cheapest_submission", max(costs) / min(costs), "<= 1.2")
    well &= report(
        "scale", "most_to_least_cpu_seconds_of_a_submission", max(work) / min(work), "<= 1.2"
    )
    # Small classes are the dearer: what a class page has beside its rows, and notebooks compared.
    well &= report(
        "scale", "submission_of_largest_to_smallest_class", costs[-1] / costs[0], "<= 1.2"
    )
    well &= report("scale", "memory_of_grading_largest_to_smallest_class", growth, "<= 1.2")
    # A class page is about everybody: what it takes per submission is told, not hidden.
    well &= report("scale", "mib_of_a_class_page_per_submission", held, "<= 0.05")
    return well & report("scale", f"seconds_for_{CLASS}_feedback_pages", seconds, "<= 60")


def main() -> None:
    """Measure, and say by the exit code whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="of the classes")
    parser.add_argument("--plot", type=Path, default=PLOT, help="where it is drawn")
    parser.add_argument("--course", type=Path, help=argparse.SUPPRESS)  # of a process for one size
    options = parser.parse_args()
    if options.course is not None:
        print(json.dumps(measure_here(options.course, options.sizes[0])))
        return
    sys.exit(0 if measure(options.sizes, options.plot) else 1)


if __name__ == "__main__":
    main()
