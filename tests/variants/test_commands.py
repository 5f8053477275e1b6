"""The commands about variants as people run them, from parameters to a graded class."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.notebook import parse_notebook, serialize_notebook, source_of
from autograder.variants.record import Record, Run, write_record
from tests.variants.conftest import NAME

WRONG = "# Not twice.\n# %% q1\nanswer = 4 * VARIANT['size']\n"


def run(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(item for item in sys.path if item)
    return subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=course,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )


def read(course: Path, *arguments: str):
    done = run(course, *arguments, "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


def answer(zipped: Path, folder: Path) -> None:
    """The notebook in a student's zip with a right answer, in the folder of submissions."""
    with zipfile.ZipFile(zipped) as archive:
        notebook = parse_notebook(archive.read(f"{NAME}/{NAME}.ipynb"))
    for cell in notebook.cells:
        cell.source = source_of(cell).replace(
            "answer = ...", 'answer = VARIANT["size"] + VARIANT["size"]'
        )
    folder.mkdir(exist_ok=True)
    (folder / f"{zipped.stem}.ipynb").write_bytes(serialize_notebook(notebook))


@pytest.mark.slow
@pytest.mark.timeout(600)  # three commands that load TensorFlow
def test_from_parameters_to_a_graded_class(desk):
    course = desk.course.folder
    desk.write("reference/full_score/as_it_is.py", "# The solution.\n")
    desk.write("reference/failed/wrong.py", WRONG)
    (row,) = read(course, "assign", NAME, "--variants", "2")
    names = row["variants"]
    assert len(names) == 2

    (course / "roster.csv").write_text("student\nkim\nlee\npark\n", "utf-8")
    refused = run(course, "variants", "allocate", NAME, "--roster", "roster.csv", "--output", "out")
    assert refused.returncode == 2
    assert "is verified; run `autograder variants verify a01_numbers`" in refused.stderr
    verified = read(course, "variants", "verify", NAME)
    assert [item["state"] for item in verified["variants"]] == ["verified", "verified"]
    allocate = ("variants", "allocate", NAME, "--roster", "roster.csv", "--output", "out")
    given = {item["student"]: item["variant"] for item in read(course, *allocate)["students"]}
    with (course / "out/allocation.csv").open(encoding="utf-8-sig") as file:
        assert {line["student"]: line["variant"] for line in csv.DictReader(file)} == given
    listed = read(course, "variants", "list", NAME)["variants"]
    assert sum(item["students"] for item in listed) == 3
    shown = run(course, "variants", "show", NAME, names[0][:5])
    assert "✓ failed/wrong" in shown.stdout
    assert run(course, "variants", "show", NAME, "zz").returncode == 2

    for student in given:
        answer(course / "out" / f"{student}.zip", course / "sent")
    results = read(course, "grade", NAME, "sent")["results"]
    assert {one["student"]: one["variant"] for one in results} == given
    assert [one["score"] for one in results] == [2, 2, 2]


def test_show_tells_what_the_solution_failed(desk):
    pool = desk.build(2)
    chosen = pool.pool.variants[0]
    runs = (
        Run(question="q1", seed=0, value=0.91, seconds=2.0),
        Run(question="q1", seed=1, value=0.92, seconds=2.1, failed=("q1-2", "q1-3")),
    )
    write_record(pool.folder, chosen.name, Record(bundle=chosen.bundle, runs=runs))
    shown = run(desk.course.folder, "variants", "show", NAME, chosen.name).stdout
    assert "training 1 of q1: 0.9100 in 2.0 s\n" in shown
    assert "training 2 of q1: 0.9200 in 2.1 s, fails q1-2, q1-3\n" in shown
