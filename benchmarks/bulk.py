"""Wall time of a class with real training: `autograder grade`, `otter run`, `nbgrader autograde`.

40 submissions, no two alike, of the notebook of the `overhead` benchmark, each with about three
seconds of Keras training. Ours grades all of them, its start included. The bound is the work that
nobody can avoid: CPU seconds of the bare training, in a fork of a warm process with one thread,
times 40, by the machine's cores. The others take one submission after another in the same way, so
a sample of 6 tells what 40 would take: `otter run` two at a time with one thread each; `nbgrader
autograde` on the same cells, with the same tests as its autograder tests, and all threads.

nbgrader is installed into a virtual environment of its own, which sees the packages of this one.

Run with `make bench NAME=bulk`, or smaller:
`.venv/bin/python benchmarks/bulk.py --submissions 6 --sample 2`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autograder import notebook
from autograder.machine import count_cores
from autograder.notebook import NotebookNode
from benchmarks.figures import ONE_THREAD, find, report, time_command
from benchmarks.overhead import DATA, IMPORTS, TESTS, TRAINING, measure_bare, prepare

AT_A_TIME = 2  # of otter's runs
NBGRADER_SETTINGS = """c = get_config()
c.CourseDirectory.course_id = "bench"
c.ExecutePreprocessor.timeout = 600
"""


def write_class(folder: Path, solution: Path, count: int) -> list[Path]:
    """Submissions that differ in a comment: what is alike is graded once."""
    folder.mkdir()
    files = []
    for number in range(count):
        content = notebook.read_notebook(solution)
        content.cells.append(notebook.make_code_cell(f"# student {number}"))
        files.append(folder / f"student{number:03}.ipynb")
        files[-1].write_bytes(notebook.serialize_notebook(content))
    return files


def measure_ours(folder: Path, batch: Path, count: int) -> float:
    """Wall seconds of one `autograder grade`."""
    output = folder / "results"
    command = [find("autograder"), "grade", "b01_overhead", str(batch), "--output", str(output)]
    wall = time_command(command, folder)
    grades = (output / "grades.csv").read_text(encoding="utf-8-sig")
    if grades.count(",graded,") != count:
        raise RuntimeError(f"not all were graded:\n{grades}")
    return wall


def measure_otter(folder: Path, archive: Path, files: list[Path]) -> float:
    """Wall seconds per submission of `otter run`, so many at a time."""

    def grade(file: Path) -> None:
        output = folder / f"otter-{file.stem}"
        output.mkdir()
        command = [find("otter"), "run", "-a", str(archive), "-o", str(output), str(file)]
        time_command(command, folder, ONE_THREAD)
        if not (output / "results.json").exists():
            raise RuntimeError(f"otter run left no result of {file.name}")

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        start = time.monotonic()
        list(pool.map(grade, files))
        return (time.monotonic() - start) / len(files)


def install_nbgrader(folder: Path) -> Path:
    """Its command, in an environment that sees what is installed here.

    Raises:
        RuntimeError: if it cannot be installed.
    """
    environment = folder / "nbgrader"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    (packages,) = environment.glob("lib/*/site-packages")
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [str(environment / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    run = subprocess.run(
        [*pip, "install", "--quiet", "--no-input", "nbgrader"],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        raise RuntimeError(f"nbgrader cannot be installed:\n{run.stderr[-2000:]}")
    # nbgrader calls Alembic's command, which ours runs with a Python that does not see nbgrader.
    alembic = environment / "bin" / "alembic"
    alembic.write_text(f"#!{environment}/bin/python\nfrom alembic.config import main\n\nmain()\n")
    alembic.chmod(0o755)
    return environment / "bin" / "nbgrader"


def make_nbgrader_master() -> NotebookNode:
    """The same cells and tests for nbgrader."""
    solution = f"### BEGIN SOLUTION\n{TRAINING}\n### END SOLUTION"
    cells = [
        notebook.make_code_cell(IMPORTS),
        notebook.make_code_cell(DATA),
        mark(notebook.make_code_cell(solution), "solution"),
    ]
    for number, text in enumerate(TESTS):
        test = f"assert {text.removeprefix('# HIDDEN').strip()}"
        cells.append(mark(notebook.make_code_cell(test), f"test{number}", points=1))
    master = notebook.make_notebook(cells)
    master.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return master


def mark(cell: NotebookNode, name: str, points: int = 0) -> NotebookNode:
    """Give a cell nbgrader's marks: one that is graded where it has points, else a solution."""
    is_test = points > 0
    marks = {
        "grade": is_test,
        "grade_id": name,
        "locked": is_test,
        "schema_version": 3,
        "solution": not is_test,
        "task": False,
    }
    cell.metadata["nbgrader"] = marks | ({"points": points} if is_test else {})
    return cell


def measure_nbgrader(folder: Path, command: Path, count: int) -> float:
    """Wall seconds per submission of one `nbgrader autograde` of `count` submissions."""
    course = folder / "nbcourse"
    master = course / "source" / "ps1" / "ps1.ipynb"
    master.parent.mkdir(parents=True)
    master.write_bytes(notebook.serialize_notebook(make_nbgrader_master()))
    (course / "nbgrader_config.py").write_text(NBGRADER_SETTINGS)
    path = os.pathsep.join([str(command.parent), os.environ["PATH"]])
    time_command([str(command), "generate_assignment", "ps1"], course, {"PATH": path})
    for number in range(count):
        content = make_nbgrader_master()
        content.cells.append(notebook.make_code_cell(f"# student {number}"))
        file = course / "submitted" / f"student{number:03}" / "ps1" / "ps1.ipynb"
        file.parent.mkdir(parents=True)
        file.write_bytes(notebook.serialize_notebook(content))
    wall = time_command([str(command), "autograde", "ps1"], course, {"PATH": path})
    graded = list((course / "autograded").glob("*/ps1/ps1.ipynb"))
    if len(graded) != count or any(b'"ename"' in path.read_bytes() for path in graded):
        raise RuntimeError("nbgrader did not grade all of them, or they failed")
    return wall / count


def main() -> None:
    """Measure all four, one after the other, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=40)
    parser.add_argument("--sample", type=int, default=6, help="submissions for the other systems")
    options = parser.parse_args()
    count: int = options.submissions
    with tempfile.TemporaryDirectory(prefix="ag-bench-") as place:
        folder = Path(place)
        archive, solution = prepare(folder)
        files = write_class(folder / "class", solution, count)
        bound = measure_bare(folder, options.sample) * count / count_cores()
        ours = measure_ours(folder, folder / "class", count)
        otter = measure_otter(folder, archive, files[: options.sample]) * count
        command = install_nbgrader(folder)
        nbgrader = measure_nbgrader(folder, command, options.sample) * count
    cores, sample = count_cores(), options.sample
    print(f"{count} submissions on {cores} cores: bare trainings {bound:.1f} s, ours {ours:.1f} s")
    print(f"scaled from {sample}: otter run {otter:.1f} s, nbgrader autograde {nbgrader:.1f} s")
    well = report("bulk", "ratio_to_bare_trainings", ours / bound, "<= 1.3")
    well &= report("bulk", "otter_run_to_autograder", otter / ours, ">= 3")
    well &= report("bulk", "nbgrader_to_autograder", nbgrader / ours, ">= 5")
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
