"""CPU seconds of a submission: `autograder grade`, `otter run`, and the bare training.

One notebook with about three seconds of Keras training in a cell, and tests of the trained model,
graded by both systems in the same run; the bare training is the same cell in a fork of a process
that has Keras loaded already. All three train with one thread. Figures are per submission; those
of `autograder` hold its start and its imports of TensorFlow, shared by the batch. The bare training
is measured before and after each batch, for machines drift by more than what is to be told apart.

Run with `make bench NAME=overhead`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder import notebook
from autograder.notebook import NotebookNode
from benchmarks.cells import make_expression_test, make_question, make_raw_cell
from benchmarks.figures import ONE_THREAD, find, measure_command, report

IMPORTS = "import numpy as np\nimport keras\nfrom keras import layers"
DATA = """numbers = np.random.default_rng(0)
x = numbers.normal(size=(4000, 100)).astype("float32")
y = (x[:, :10].sum(axis=1) > 0).astype(int)"""
EPOCHS = 13
TRAINING = f"""keras.utils.set_random_seed(0)
model = keras.Sequential([
    keras.Input((100,)),
    layers.Dense(128, activation="relu"),
    layers.Dense(64, activation="relu"),
    layers.Dense(2, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x[:3200], y[:3200], epochs={EPOCHS}, verbose=0)"""
TESTS = (
    "# HIDDEN\nbool(model.count_params() < 30_000)",
    "# HIDDEN\nbool((model.predict(x[3200:], verbose=0).argmax(axis=1) == y[3200:]).mean() > 0.8)",
)
BARE = f"""
import os, resource, statistics, sys
{IMPORTS}
code = compile(sys.stdin.read(), "training", "exec")
seconds = []
for _ in range(int(sys.argv[1])):
    process = os.fork()
    if process == 0:
        exec(code, globals())
        os._exit(0)
    usage = os.wait4(process, 0)[2]
    seconds.append(usage.ru_utime + usage.ru_stime)
print(statistics.median(seconds))
"""


def make_master() -> NotebookNode:
    """Master notebook of the benchmark, in otter's dialect."""

    solution = f"# BEGIN SOLUTION\n{TRAINING}\n# END SOLUTION"
    tests = [make_expression_test(text) for text in TESTS]
    cells = [
        make_raw_cell("# ASSIGNMENT CONFIG\nsolutions_pdf: false\nexport_cell: false"),
        notebook.make_markdown_cell("# Overhead"),
        notebook.make_code_cell(IMPORTS),
        notebook.make_code_cell(DATA),
        *make_question("name: q1\npoints: 2", solution, tests),
    ]
    return notebook.make_notebook(cells)


def prepare(folder: Path) -> tuple[Path, Path]:
    """Build the assessment with both systems.

    Returns:
        otter's autograder zip, and the solution as a submission.
    """
    master = folder / "solutions" / "b01_overhead" / "b01_overhead.ipynb"
    master.parent.mkdir(parents=True)
    master.write_bytes(notebook.serialize_notebook(make_master()))
    measure_command([find("autograder"), "assign", "b01_overhead"], folder, ONE_THREAD)
    command = [find("otter"), "assign", str(master), str(folder / "otter"), "--no-pdfs"]
    measure_command(command, folder, ONE_THREAD)
    (archive,) = (folder / "otter" / "autograder").glob("*.zip")
    return archive, folder / "build" / "b01_overhead" / "solution.ipynb"


def measure_ours(folder: Path, solution: Path, count: int, part: int) -> float:
    """CPU seconds per submission of one `autograder grade` of `count` submissions."""
    batch = folder / f"class{part}"
    batch.mkdir()
    for number in range(count):  # no two alike: what is alike is graded once
        content = notebook.read_notebook(solution)
        content.cells.append(notebook.make_code_cell(f"# student {number}, part {part}"))
        file = batch / f"student{number:03}.ipynb"
        file.write_bytes(notebook.serialize_notebook(content))
    output = folder / f"results{part}"
    command = [find("autograder"), "grade", "b01_overhead", str(batch), "--output", str(output)]
    cpu, _ = measure_command(command, folder, ONE_THREAD)
    grades = (output / "grades.csv").read_text(encoding="utf-8-sig")
    if grades.count(",graded,") != count:
        raise RuntimeError(f"not all were graded:\n{grades}")
    return cpu / count


def measure_otter(folder: Path, archive: Path, solution: Path) -> float:
    """CPU seconds of one `otter run`."""
    output = folder / "otter-results"
    output.mkdir(exist_ok=True)
    command = [find("otter"), "run", "-a", str(archive), "-o", str(output), str(solution)]
    cpu, _ = measure_command(command, folder, ONE_THREAD)
    score = sum(
        test.get("score", 0) for test in json.loads((output / "results.json").read_text())["tests"]
    )
    if score != 2:
        raise RuntimeError(f"otter run scored {score}, not 2")
    return cpu


def measure_bare(folder: Path, count: int) -> float:
    """CPU seconds of the training alone, in a fork of a process with Keras loaded (median)."""
    run = subprocess.run(
        [sys.executable, "-c", BARE, str(count)],
        input=f"{DATA}\n{TRAINING}",
        cwd=folder,
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(run.stdout.split()[-1])


def measure_round(
    folder: Path, archive: Path, solution: Path, count: int, part: int
) -> tuple[float, float, float]:
    """CPU seconds per submission: bare, ours and otter's, within a few minutes of each other."""
    before = measure_bare(folder, 3)
    ours = measure_ours(folder, solution, count, part)
    after = measure_bare(folder, 3)
    return (before + after) / 2, ours, measure_otter(folder, archive, solution)


def main() -> None:
    """Measure all three, in turn, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=20, help="submissions per batch")
    parser.add_argument("--rounds", type=int, default=3, help="rounds; medians are reported")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ag-bench-") as place:
        folder = Path(place)
        archive, solution = prepare(folder)
        rounds = [
            measure_round(folder, archive, solution, options.batch, part)
            for part in range(options.rounds)
        ]
    bare, ours, otter = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"CPU seconds per submission: bare {bare:.2f}, autograder {ours:.2f}, otter {otter:.2f}")
    report("overhead", "seconds_above_bare_training", ours - bare, "<= 1.0")
    report("overhead", "ratio_to_bare_training", ours / bare, "<= 1.5")
    report("overhead", "otter_run_to_autograder", otter / ours, ">= 2.5")


if __name__ == "__main__":
    main()
