"""How much faster a class is scored again than graded: after a threshold, a test, or data changed.

30 submissions, no two alike, with about three seconds of training each are graded; from them a
class of 300 is made in the store: each under a name of its own, with a notebook and a transcript
of its own (one comment, one number of seconds), else as its grading left it. Then the assessment
is built again for every change (a threshold; a hidden test of a function's values; one of the
trained model, which has to be rebuilt; the hidden data, on which it is evaluated), and each time
`autograder regrade` is run as a command, its start included. What grading the class anew would
take is scaled from the sample: one start, and so much for each further submission.

Run with `make bench NAME=regrade`, or smaller:
`.venv/bin/python benchmarks/regrade.py --sample 4 --class-size 20`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder import notebook
from autograder.bulk.upload import NOTEBOOK_FILE, UPLOAD_FILE, pack_upload, unpack_upload
from autograder.grade.regrade import Way
from autograder.grade.submission import hash_bytes
from autograder.grade.transcript import TRANSCRIPT_FILE, pack_transcript, unpack_transcript
from autograder.notebook import NotebookNode
from autograder.store.opening import open_folder_store
from autograder.store.sql import SqlStore
from benchmarks.cells import make_question, make_raw_cell
from benchmarks.figures import find, report, time_command, time_output

_WITHOUT_TRAINING = {way.value for way in Way if way is not Way.GRADED}
ASSESSMENT = "b02_regrade"
SETTINGS = '[data]\npublic = ["train"]\nseed = 1\n'
DATA = """import numpy as np


def make_data(seed, variant):
    def draw(number, count):
        generator = np.random.default_rng(number)
        x = generator.normal(size=(count, 100)).astype("float32")
        return {{"x": x, "y": (x[:, :10].sum(axis=1) > 0).astype("int64")}}

    return {{"train": draw(seed, 3200), "hidden": draw({hidden_seed}, 1000)}}
"""
START = """from types import SimpleNamespace

import keras
import numpy as np
from keras import layers

with np.load("data/train.npz") as arrays:
    data = SimpleNamespace(**arrays)"""
QUESTION = """name: q1
points: 4
training:
  build: build_model
  train: train
  data: train
  evaluate: hidden
  metric: accuracy
  full_marks_at: {full_marks_at}
  no_marks_below: 0.6
  points: 2"""
SOLUTION = """# BEGIN SOLUTION
def build_model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([
        keras.Input((100,)),
        layers.Dense(128, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(2, activation="softmax"),
    ])


def train(model, data):
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.fit(data.x, data.y, epochs=13, verbose=0)
# END SOLUTION"""
PUBLIC_TEST = '''""" # BEGIN TEST CONFIG
points: 1
""" # END TEST CONFIG
def test_size(build_model):
    assert build_model().count_params() < 30_000'''
HIDDEN_TEST = '''""" # BEGIN TEST CONFIG
hidden: true
points: 1
""" # END TEST CONFIG
def test_model_tells_classes_apart(trained_model, hidden):
    outputs = trained_model.predict(hidden.x, verbose=0)
    assert (outputs.argmax(axis=1) == hidden.y).mean() > {least}'''


VALUE_QUESTION = "name: q2\npoints: 1"
VALUE_SOLUTION = """# BEGIN SOLUTION
def scale(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)
# END SOLUTION"""
VALUE_TEST = '''""" # BEGIN TEST CONFIG
hidden: true
points: 1
""" # END TEST CONFIG
def test_values(scale, hidden):
    values = scale(hidden.x)
    assert abs(values.mean()) < {most}
    assert abs(values.std() - 1) < 0.01'''


@dataclass(frozen=True)
class Edition:
    """What is changed between two builds of the assessment."""

    full_marks_at: float = 0.8
    least: float = 0.7
    hidden_seed: int = 2
    most: float = 0.01


CHANGES = (
    ("threshold", Edition(full_marks_at=0.81), ">= 50"),
    ("test_of_values", Edition(most=0.011), ">= 50"),
    ("test_of_model", Edition(least=0.71), ">= 50"),
    ("hidden_data", Edition(hidden_seed=3), ">= 5"),
)


def build(course: Path, edition: Edition) -> None:
    """Write the master and build the assessment."""
    folder = course / "solutions" / ASSESSMENT
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "assessment.toml").write_text(SETTINGS)
    (folder / "data.py").write_text(DATA.format(hidden_seed=edition.hidden_seed))
    master = notebook.serialize_notebook(make_master(edition))
    (folder / f"{ASSESSMENT}.ipynb").write_bytes(master)
    time_command([find("autograder"), "assign", ASSESSMENT], course)


def make_master(edition: Edition) -> NotebookNode:
    """Master notebook of the benchmark."""
    tests = [PUBLIC_TEST, HIDDEN_TEST.format(least=edition.least)]
    value_test = VALUE_TEST.format(most=edition.most)
    cells = [
        make_raw_cell("# ASSIGNMENT CONFIG\nexport_cell: false\ntests:\n  ok_format: false"),
        notebook.make_markdown_cell("# Regrade"),
        notebook.make_code_cell(START),
        *make_question(
            QUESTION.format(full_marks_at=edition.full_marks_at),
            SOLUTION,
            [notebook.make_code_cell(text) for text in tests],
        ),
        *make_question(VALUE_QUESTION, VALUE_SOLUTION, [notebook.make_code_cell(value_test)]),
    ]
    return notebook.make_notebook(cells)


def grade(course: Path, output: Path, count: int, *, first: int = 0) -> float:
    """Wall seconds of grading `count` submissions, start included."""
    solution = course / "build" / ASSESSMENT / "solution.ipynb"
    batch = course / f"class{first}"
    batch.mkdir()
    for number in range(first, first + count):
        content = notebook.read_notebook(solution)
        content.cells.append(notebook.make_code_cell(f"# student {number}"))
        file = batch / f"student{number:03}.ipynb"
        file.write_bytes(notebook.serialize_notebook(content))
    command = [find("autograder"), "grade", ASSESSMENT, str(batch), "--output", str(output)]
    wall = time_command(command, course)
    grades = (output / "grades.csv").read_text(encoding="utf-8-sig")
    if grades.count(",graded,") < count:
        raise RuntimeError(f"not all were graded:\n{grades}")
    return wall


def multiply(store: SqlStore, size: int) -> None:
    """Fill the store's class up to `size` with copies of what was graded."""
    names = [result.submission for result in store.results()]
    copies = ((names[number % len(names)], number) for number in range(len(names), size))
    for source, number in copies:
        copy(store, source, f"copy{number:03}")


def copy(store: SqlStore, source: str, name: str) -> None:
    """Keep the grading of `source` as that of another submission, with contents of its own."""
    found = {
        artifact: store.read_artifact(source, artifact) or b""
        for artifact in store.list_artifacts(source)
    }
    content = notebook.parse_notebook(found[NOTEBOOK_FILE])
    content.cells[-1].source = f"# {name}"  # the student's own comment; the cells are as many
    found[NOTEBOOK_FILE] = notebook.serialize_notebook(content)
    upload = unpack_upload(found[UPLOAD_FILE], found[NOTEBOOK_FILE])
    transcript = unpack_transcript(found[TRANSCRIPT_FILE])
    result = store.load(source)
    if upload is None or transcript is None or result is None:
        raise RuntimeError(f"{source} was not kept as a whole")
    identity = {"name": name, "student": name}
    found[UPLOAD_FILE] = pack_upload(upload.model_copy(update=identity))
    seconds = int(name.removeprefix("copy")) / 1e6
    questions = tuple(
        item.model_copy(update={"wall_seconds": item.wall_seconds + seconds})
        for item in transcript.questions
    )
    found[TRANSCRIPT_FILE] = pack_transcript(transcript.model_copy(update={"questions": questions}))
    digest = hash_bytes(found[NOTEBOOK_FILE])
    renamed = {"submission": name, "student": name, "notebook": digest}
    store.save(result.model_copy(update=renamed), found)


def measure_changes(course: Path, output: Path, size: int) -> Iterator[tuple[str, float, str]]:
    """Wall seconds of a regrade after each change, and the ratio it should reach."""
    command = [find("autograder"), "regrade", ASSESSMENT, "--output", str(output), "--json"]
    for name, edition, target in CHANGES:
        build(course, edition)
        wall, printed = time_output(command, course)
        ways = json.loads(printed)["ways"]
        if sum(ways.values()) != size or not set(ways) <= _WITHOUT_TRAINING:
            raise RuntimeError(f"{name}: of {size} were scored again {ways}")
        yield name, wall, target


def main() -> None:
    """Grade a sample, make a class of it, change the assessment, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=30, help="submissions that are graded")
    parser.add_argument("--class-size", type=int, default=300, help="submissions of the class")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ag-bench-") as place:
        course = Path(place)
        output = course / "results" / ASSESSMENT
        build(course, Edition())
        sample = grade(course, output, options.sample)
        start = grade(course, course / "single", 1, first=999)
        each = (sample - start) / (options.sample - 1)
        whole = start + each * (options.class_size - 1)
        print(f"grading {options.sample} took {sample:.1f} s, one {start:.1f} s", end="; ")
        print(f"{options.class_size} would take {whole:.0f} s ({each:.2f} s each)")
        with open_folder_store(output, ASSESSMENT) as store:
            multiply(store, options.class_size)
        well = True
        for name, wall, target in measure_changes(course, output, options.class_size):
            print(f"regrade of {options.class_size} after a changed {name}: {wall:.2f} s")
            well &= report("regrade", f"times_faster_{name}", whole / wall, target)
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
