"""`autograder store`: how much is kept, and what can go; results always stay."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from autograder import pipeline
from autograder.bulk.audience import Audience
from autograder.cli.main import app
from tests.bulk.making import ASSESSMENT, Room, answer


@pytest.fixture
def room(tmp_path):
    room = Room(tmp_path)
    for bundle in ("sha256:aaaa", "sha256:bbbb"):
        room.change_bundle(bundle)
        work = [answer(name, f"score = 3 # {name}") for name in ("kim", "lee")]
        pipeline.grade_class(room.open_book(), work, Audience())
    return room


def run(room, *arguments):
    done = CliRunner().invoke(app, ["store", *arguments, "--course", str(room.folder)])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_size_is_told_to_people_and_machines(room):
    told = run(room, "size", ASSESSMENT)
    assert "Submissions:  2" in told
    assert "Gradings:     4" in told
    size = json.loads(run(room, "size", ASSESSMENT, "--json"))
    assert (size["submissions"], size["gradings"]) == (2, 4)
    assert size["deduplicated_bytes"] > 0, "both gradings have the same notebook"
    assert size["artifact_bytes"] > 0


def test_sweeping_removes_only_what_nothing_refers_to(room):
    before = {path: path.read_bytes() for path in room.results.glob("[!.]*/*.*")}
    assert "Removed 0 artifacts" in run(room, "gc", ASSESSMENT)
    told = run(room, "gc", ASSESSMENT, "--older-than", "0")
    assert "Artifacts of 2 earlier gradings were let go; their results stay." in told
    swept = json.loads(run(room, "gc", ASSESSMENT, "--older-than", "0", "--json"))
    assert swept["pruned"] == 0
    assert {path: path.read_bytes() for path in before} == before
    with room.open_book().open() as (store, _):
        assert len(store.history("kim")) == 2
        assert store.read_artifact("kim", "executed.ipynb") == b"executed kim"
    work = [answer(name, f"score = 3 # {name}") for name in ("kim", "lee")]
    graded = len(room.graded())
    pipeline.grade_class(room.open_book(), work, Audience())
    assert len(room.graded()) == graded, "nothing is graded again for it"
