"""Calibration end to end: a tiny training, run with many seeds by the real grader."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from autograder import notebook, pipeline
from autograder.assign import build_release
from autograder.bulk.calibrating import judge_campaign, keep_calibration
from autograder.bulk.campaign import Amount, plan_campaign
from autograder.calibrate.work import WorkFile
from autograder.cli.calibrating import CalibrateOptions, calibrate, check
from autograder.course import Course
from autograder.errors import AuthoringError
from autograder.schema.calibration import Run, read_calibration
from tests.masters import make_master
from tests.warm_services import Chosen, open_services

ID = "a76_tiny"
DATA = """
import numpy as np

def make_data(seed, variant):
    numbers = np.random.default_rng(seed)
    x = numbers.normal(size=(2300, 2)).astype("float32")
    y = (x[:, 0] + x[:, 1] + 0.3 * numbers.normal(size=2300) > 0).astype(int)
    return {"train": {"x": x[:300], "y": y[:300]}, "hidden": {"x": x[300:], "y": y[300:]}}
"""
CONFIG = """# BEGIN QUESTION
name: q1
points: 3
time_limit: 3.0x
training:
  metric: accuracy
  full_marks_at: auto
  no_marks_below: auto"""
SOLUTION = """
def build_model():
    # BEGIN SOLUTION
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    # END SOLUTION


def train(model, data):
    # BEGIN SOLUTION
    model.compile(keras.optimizers.Adam(0.1), "binary_crossentropy")
    return model.fit(data.x, data.y, epochs=2, batch_size=25, verbose=0)
    # END SOLUTION"""
WRONG = """# Trains on labels that are all the same.
# %% q1
def build_model():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])


def train(model, data):
    model.compile(keras.optimizers.Adam(0.1), "binary_crossentropy")
    return model.fit(data.x, 0 * data.y, epochs=2, batch_size=25, verbose=0)
"""
PARTS = [
    ("raw", "# ASSIGNMENT CONFIG\ntests:\n  ok_format: false"),
    ("code", "import keras"),
    ("raw", CONFIG),
    ("raw", "# BEGIN SOLUTION"),
    ("code", SOLUTION),
    ("raw", "# END SOLUTION"),
    ("raw", "# END QUESTION"),
]


@pytest.fixture(scope="module")
def services():
    """One warm sandbox and one crew of scorers for all tests."""
    with open_services("fork") as opened:
        yield opened


def write_course(folder, parts=PARTS):
    solution = folder / "solutions" / ID
    files = {
        f"{ID}.ipynb": notebook.serialize_notebook(make_master(parts)),
        "data.py": DATA.encode(),
        "reference/failed/same_labels.py": WRONG.encode(),
        "reference/full_score/as_published.py": b"# As published.\n",
    }
    for name, content in files.items():
        (solution / name).parent.mkdir(parents=True, exist_ok=True)
        (solution / name).write_bytes(content)
    return Course(folder)


@pytest.fixture(scope="module")
def course(tmp_path_factory, services):
    """A course whose assessment was calibrated by the command, after an interruption."""
    folder = tmp_path_factory.mktemp("course")
    here = write_course(folder)
    campaign = plan_campaign(here, ID, Amount(runs=8, wrong_runs=4))
    assert campaign.total == 8 + 8 + 4
    seen = []

    def interrupt(name):
        seen.append(name)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        campaign.run(services, interrupt)
    assert read_calibration(folder / "solutions" / ID) is None
    return here


@pytest.fixture(scope="module")
def calibrated(course, services):
    work = course.folder / "build" / ID / "calibration.jsonl"
    before = work.read_bytes()
    assert before.count(b"\n") == 3
    work.write_bytes(before + b'{"key": {"bun')  # as a crash leaves it
    options = CalibrateOptions(
        course.folder, Chosen(services=services), Amount(8, 4), as_json=False
    )
    assert calibrate(ID, options) == 0
    kept = work.read_bytes()
    assert kept.startswith(before), "finished runs are not run again"
    assert len(kept.splitlines()) == 8 + 4 + 1, "what is as published needs no run of its own"
    return course


def test_a_run_that_was_interrupted_goes_on_and_sets_thresholds(calibrated):
    found = read_calibration(calibrated.folder / "solutions" / ID).find("q1")
    reference, right, wrong = found.series
    assert [run.seed for run in reference.runs] == list(range(8))
    assert len(set(reference.values)) > 1, "each seed trains another model"
    assert (right.role, right.values) == ("full_score", reference.values)
    assert (wrong.role, wrong.bounds) == ("failed", True)
    thresholds = found.thresholds
    assert thresholds.hidden_examples == 2000
    assert max(wrong.values) < thresholds.no_marks_below
    assert thresholds.no_marks_below < thresholds.full_marks_at < min(reference.values)
    assert thresholds.best_wrong == "failed/same_labels"
    assert found.times.mean_seconds > 0


def test_the_drawing_shows_every_run(calibrated):
    picture = (calibrated.folder / "solutions" / ID / "calibration.svg").read_text("utf-8")
    dots = [item for item in ET.fromstring(picture).iter() if item.get("class", "")[:4] == "dot "]
    assert len(dots) == 8 + 8 + 4 + 5, "the key has five"
    assert "failed/same_labels" in picture
    assert "prefers-color-scheme: dark" in picture


def test_auto_and_multiples_take_the_calibrated_numbers(calibrated):
    found = read_calibration(calibrated.folder / "solutions" / ID).find("q1")
    (question,) = build_release(calibrated.folder, ID).bundle.questions
    assert question.training.full_marks_at == found.thresholds.full_marks_at
    assert question.training.no_marks_below == found.thresholds.no_marks_below
    assert question.spread.mean == found.thresholds.mean
    assert question.spread.runs == 8
    assert question.time_limit_seconds >= 3 * found.times.mean_seconds


def test_texts_leave_a_calibration_valid_and_another_solution_makes_it_stale(calibrated, tmp_path):
    place = calibrated.folder / "solutions" / ID / "calibration.json"

    def build(*parts):
        copy = write_course(tmp_path, parts)
        (tmp_path / "solutions" / ID / "calibration.json").write_bytes(place.read_bytes())
        return build_release(copy.folder, ID)

    build(("raw", "# ASSIGNMENT CONFIG\ntests:\n  ok_format: false"), *PARTS[1:])
    changed = [(kind, text.replace("epochs=2", "epochs=1")) for kind, text in PARTS]
    with pytest.raises(
        AuthoringError, match="changed since it was calibrated; run `autograder calibrate a76_tiny`"
    ):
        build(*changed)


def test_without_a_calibration_the_command_to_run_is_named(tmp_path):
    with pytest.raises(AuthoringError) as caught:
        build_release(write_course(tmp_path).folder, ID)
    text = str(caught.value)
    assert text.count("run `autograder calibrate a76_tiny`") == 3
    assert "`time_limit: 3.0x`" in text


def test_bands_that_overlap_are_refused_with_a_drawing_and_no_threshold(calibrated, tmp_path):
    campaign = plan_campaign(calibrated, ID, Amount(8, 4))
    work = WorkFile(tmp_path / "work.jsonl")
    for runner in campaign.runners:
        for seed in runner.seeds:
            trial = campaign.work.find(campaign._key(runner, seed))
            if runner.role == "failed":
                value = [0.95, 0.93, 0.96, 0.94][seed]
                trial = trial.model_copy(
                    update={"runs": {"q1": Run(seed=seed, value=value, reference_seconds=0.1)}}
                )
            work.append(trial)
    there = write_course(tmp_path / "course")
    with pytest.raises(AuthoringError, match=r"failed/same_labels.*no threshold tells them apart"):
        keep_calibration(there, *judge_campaign(replace(campaign, work=work)))
    assert read_calibration(there.folder / "solutions" / ID) is None
    picture = (there.folder / "build" / ID / "calibration.svg").read_text("utf-8")
    assert "same_labels" in picture


def test_json_holds_what_was_written(calibrated, services, capsys):
    options = CalibrateOptions(
        calibrated.folder, Chosen(services=services), Amount(8, 4), as_json=True
    )
    assert calibrate(ID, options) == 0
    assert json.loads(capsys.readouterr().out)["questions"][0]["name"] == "q1"


class Watched:
    """An executor that knows whether its run was gone through to its end."""

    def __init__(self, executor):
        self.executor = executor
        self.ended = False

    def run(self, site, items):
        yield from self.executor.run(site, items)
        self.ended = True


def test_the_calibrated_assessment_is_published_and_its_references_are_verified(
    calibrated, services
):
    watched = Watched(services.executor)
    result = pipeline.assign_assessment(calibrated, ID, replace(services, executor=watched))
    assert result.score == 3
    assert watched.ended, "what grades the master is closed before the program ends"
    verified, untested = pipeline.verify_assessment(calibrated, ID, services, lambda _: None)
    assert [item.complaints for item in verified] == [[], []]
    assert untested == []


def test_fresh_runs_are_held_against_the_calibration_and_nothing_is_written(
    calibrated, services, capsys
):
    place = calibrated.folder / "solutions" / ID / "calibration.json"
    before = place.read_bytes()
    options = CalibrateOptions(
        calibrated.folder, Chosen(services=services), Amount(3, 1), as_json=True
    )
    assert check(ID, options) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["runs"], found["wrong_runs"], found["passed"]) == (3, 1, {})
    assert [(item["name"], item["runs"]) for item in found["others"]] == [
        ("full_score/as_published", 3)
    ]
    work = (calibrated.folder / "build" / ID / "calibration.jsonl").read_text("utf-8")
    assert {8, 9, 10} <= {json.loads(line)["key"]["seed"] for line in work.splitlines()[4:]}
    assert place.read_bytes() == before
