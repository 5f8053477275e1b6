"""Verdicts at the time limit, and reference seconds, on a quiet machine and on a busy one.

Twenty submissions of one assessment train for six tenths to one and a half of its time limit. Their
epochs follow from six trainings measured first. All are graded twice by `autograder grade` on two
cores: alone, and with four busy loops beside them. Verdicts must be the same; the reference seconds
of those within the limit are compared one by one (the others were stopped at it, both times).

Run with `make bench NAME=portability`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from autograder import notebook
from autograder.notebook import NotebookNode
from autograder.schema import Result
from benchmarks.cells import make_expression_test, make_question, make_raw_cell
from benchmarks.figures import find, report, time_command
from benchmarks.overhead import DATA, EPOCHS, IMPORTS, TRAINING

ASSESSMENT = "b02_portability"
TEST = "# HIDDEN\nbool(history.history['loss'][-1] < 0.6)"
CORES = 2
MEASURED_EPOCHS = (20, 23, 26, 29, 32, 35)
LEAST_MEASURED = 3


def make_master(limit_seconds: float) -> NotebookNode:
    """Master notebook with one question, in otter's dialect."""
    solution = TRAINING.replace(f"epochs={EPOCHS}", f"epochs={MEASURED_EPOCHS[0]}")
    cells = [
        make_raw_cell("# ASSIGNMENT CONFIG\nsolutions_pdf: false\nexport_cell: false"),
        notebook.make_markdown_cell("# Portability"),
        notebook.make_code_cell(IMPORTS),
        notebook.make_code_cell(DATA),
        *make_question(
            f"name: q1\npoints: 1\ntime_limit: {limit_seconds:g}s",
            f"# BEGIN SOLUTION\n{solution}\n# END SOLUTION",
            [make_expression_test(TEST)],
        ),
    ]
    return notebook.make_notebook(cells)


def prepare(folder: Path, limit_seconds: float) -> Path:
    """Build the assessment in `folder`; its solution as a submission."""
    master = folder / "solutions" / ASSESSMENT / f"{ASSESSMENT}.ipynb"
    master.parent.mkdir(parents=True)
    master.write_bytes(notebook.serialize_notebook(make_master(limit_seconds)))
    time_command([find("autograder"), "assign", ASSESSMENT], folder)
    return folder / "build" / ASSESSMENT / "solution.ipynb"


def grade(folder: Path, solution: Path, epochs: list[int], name: str) -> dict[int, Result]:
    """What one `autograder grade` says of submissions that train for so many epochs."""
    batch, output = folder / f"class-{name}", folder / f"results-{name}"
    batch.mkdir()
    before = f"epochs={MEASURED_EPOCHS[0]}"
    for number in epochs:
        content = notebook.read_notebook(solution)
        for cell in content.cells:
            cell.source = cell.source.replace(before, f"epochs={number}")
        (batch / f"epochs{number:05}.ipynb").write_bytes(notebook.serialize_notebook(content))
    command = [find("autograder"), "grade", ASSESSMENT, str(batch), "--output", str(output)]
    seconds = time_command(command, folder)
    results = {number: _read(output / f"epochs{number:05}") for number in epochs}
    speeds = {result.environment.speed for result in results.values()}
    print(
        f"{name}: {len(epochs)} submissions in {seconds:.0f} s; speeds {sorted(map(str, speeds))}"
    )
    return results


def _read(folder: Path) -> Result:
    result = Result.model_validate_json((folder / "result.json").read_bytes())
    if result.outcome != "graded":
        raise RuntimeError(f"{folder.name} was not graded: {result.staff_message}")
    return result


def choose_epochs(measured: Mapping[int, Result], limit_seconds: float, count: int) -> list[int]:
    """Epochs that take from 0.6 to 0.85 of the limit, and from 1.2 to 1.5, as measured.

    Trainings far from the limit tell nothing: the machine's speed was not needed for them.

    Raises:
        RuntimeError: if the limit does not fit what was measured.
    """
    telling = {
        number: one.questions[0].reference_seconds
        for number, one in measured.items()
        if one.environment.speed and one.questions[0].outcome == "passed"
    }
    if len(telling) < LEAST_MEASURED:
        raise RuntimeError(f"{MEASURED_EPOCHS} epochs do not fit the limit: choose another --limit")
    each, start = np.polyfit(list(telling), list(telling.values()), 1)
    below = np.linspace(0.6, 0.85, count - count // 2)
    shares = [*below, *np.linspace(1.2, 1.5, count // 2)]
    numbers = [max(1, round((share * limit_seconds - start) / each)) for share in shares]
    return [max(number, numbers[0] + index) for index, number in enumerate(numbers)]  # none twice


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """So many processes that do nothing but run, on the same cores."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def compare(alone: Mapping[int, Result], beside: Mapping[int, Result]) -> tuple[int, float]:
    """How many verdicts are the same, and by how much reference seconds differ at most."""
    same, differences = 0, [0.0]
    for number in alone:
        one, other = alone[number].questions[0], beside[number].questions[0]
        verdicts = (one.outcome, one.score), (other.outcome, other.score)
        same += verdicts[0] == verdicts[1]
        quiet, busy = one.reference_seconds, other.reference_seconds
        print(
            f"{number:4} epochs: {one.outcome} {quiet:.2f} s, beside {other.outcome} {busy:.2f} s"
        )
        if one.outcome == other.outcome == "passed":
            differences.append(abs(busy / quiet - 1))
    return same, max(differences)


def main() -> None:
    """Measure, grade twice, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=20, help="around the limit")
    parser.add_argument("--loops", type=int, default=4, help="busy loops beside the second grading")
    parser.add_argument("--limit", type=float, default=8.0, help="time limit in seconds")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory(prefix="ag-bench-") as place:
        folder = Path(place)
        solution = prepare(folder, options.limit)
        measured = grade(folder, solution, list(MEASURED_EPOCHS), "measure")
        epochs = choose_epochs(measured, options.limit, options.submissions)
        alone = grade(folder, solution, epochs, "alone")
        with busy_loops(options.loops):
            beside = grade(folder, solution, epochs, "beside")
    same, difference = compare(alone, beside)
    report("portability", "same_verdicts", same, f">= {options.submissions}")
    report("portability", "reference_seconds_difference", difference, "<= 0.15")


if __name__ == "__main__":
    main()
