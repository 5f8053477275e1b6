"""`autograder regrade`: who changes and why, nothing before `--apply`, everything back after."""

from __future__ import annotations

import json
import shutil

import pytest
from typer.testing import CliRunner

from autograder.cli.main import app
from autograder.errors import UsageError
from autograder.schema import AssessmentConfig
from tests.grade.conftest import case, question, submit, write_bundle

ID = "t01_small"
ANSWERS = {"kim": "def f(x):\n    return 2 * x", "lee": "def f(x):\n    return x", "park": "f = 3"}


def build(folder, content, *sources, points=2.0):
    bundle = folder / "build" / ID / "bundle"
    bundle.mkdir(parents=True, exist_ok=True)
    cases = [
        case(source, number=number, hidden=True, points=points)
        for number, source in enumerate(sources, 1)
    ]
    config = AssessmentConfig(language="en")
    write_bundle(bundle, [question("q1", *cases)], content=content, config=config)


def run(folder, *arguments, code=0):
    where = ["--course", str(folder)]
    if not {"--apply", "--rollback"} & set(arguments):
        where += ["--executor", "inline"]
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*arguments, *where])
    if isinstance(done.exception, UsageError):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    build(folder, "sha256:aaaa", "def test_it(f):\n    assert f(3) == 6")
    uploads = folder / "uploads"
    uploads.mkdir()
    for name, text in ANSWERS.items():
        (uploads / f"{name}.ipynb").write_bytes(submit(text).notebook)
    run(folder, "grade", ID, str(uploads))
    return folder


@pytest.fixture
def course(graded, tmp_path):
    shutil.copytree(graded, tmp_path / "course")
    return tmp_path / "course"


def scores(course):
    results = (course / "results" / ID).glob("*/result.json")
    return {
        json.loads(p.read_text("utf-8"))["submission"]: json.loads(p.read_text("utf-8"))["score"]
        for p in results
    }


def test_proposed_applied_and_taken_back(course):
    build(course, "sha256:bbbb", "def test_it(f):\n    assert f(3) in (3, 6)")
    told = run(course, "regrade", ID).output
    assert "lee" in told
    assert "q1-1: failed → passed" in told
    assert "1 of 3 scores change; 0 only in detail." in told
    assert "3 with the changed tests run on kept values and models" in told
    assert "Nothing counts yet." in told
    assert scores(course) == {"kim": 2, "lee": 0, "park": 0}
    assert "regrade of 3 submissions applied" in run(course, "regrade", ID, "--apply").output
    assert scores(course) == {"kim": 2, "lee": 2, "park": 0}
    assert "2 / 2" in (course / "results" / ID / "lee" / "feedback.html").read_text("utf-8")
    assert ",2" in (course / "results" / ID / "grades.csv").read_text("utf-8-sig").splitlines()[2]
    assert "taken back" in run(course, "regrade", ID, "--rollback").output
    assert scores(course) == {"kim": 2, "lee": 0, "park": 0}
    with pytest.raises(UsageError, match=f"no regrade of {ID} is applied"):
        run(course, "regrade", ID, "--rollback")


def test_changed_points_are_told_for_machines_too(course):
    build(course, "sha256:bbbb", "def test_it(f):\n    assert f(3) == 6", points=5.0)
    told = json.loads(run(course, "regrade", ID, "--json").stdout)
    assert told["ways"] == {"kept": 3}
    assert told["failed"] == {}
    assert told["regrade"]["submissions"] == told["submissions"] == 3
    changes = {item["submission"]: item for item in told["changes"]}
    assert changes["kim"]["after"] == 5
    assert changes["kim"]["reasons"] == ["q1-1: 2 → 5 points", "points 2 → 5"]
    assert changes["lee"]["reasons"] == ["points 2 → 5"]
    applied = json.loads(run(course, "regrade", ID, "--apply", "--json").stdout)
    assert applied["state"] == "applied"


def test_one_that_cannot_be_scored_keeps_its_result_and_is_told(course):
    from autograder.store.opening import open_folder_store

    with open_folder_store(course / "results" / ID, ID) as store:
        kim = store.load("kim")
        later = kim.graded_at.replace(year=2099)
        store.save(kim.model_copy(update={"graded_at": later}), {})  # nothing of its upload
    build(course, "sha256:bbbb", "def test_it(f):\n    assert f(3) in (3, 6)")
    done = run(course, "regrade", ID, code=1)
    assert "kim keeps its result: its upload is not in the store; grade it again" in " ".join(
        done.stderr.split()
    )
    assert "1 of 2 scores change" in done.stdout
    run(course, "regrade", ID, "--apply")
    assert scores(course)["lee"] == 2


def test_nothing_to_do_and_an_unknown_bundle_are_told(course):
    assert "nothing to do" in run(course, "regrade", ID).output
    build(course, "sha256:bbbb", "def test_it(f):\n    assert f(3) in (3, 6)")
    with pytest.raises(UsageError, match="no result is of the bundle 1234; there are: aaaa"):
        run(course, "regrade", ID, "--since", "1234")
    assert "1 of 3" in run(course, "regrade", ID, "--since", "sha256:aa").output
    with pytest.raises(UsageError, match="choose one of"):
        run(course, "regrade", ID, "--apply", "--rollback")


@pytest.mark.slow
def test_what_was_graded_anew_meanwhile_is_told_and_nothing_changes(course):
    build(course, "sha256:bbbb", "def test_it(f):\n    assert f(3) in (3, 6)")
    run(course, "regrade", ID)
    run(course, "grade", ID, str(course / "uploads" / "lee.ipynb"))
    with pytest.raises(UsageError, match="graded anew meanwhile: lee"):
        run(course, "regrade", ID, "--apply")
    assert scores(course) == {"kim": 2, "lee": 2, "park": 0}
