"""TensorFlow begins to load with the command, where it will be needed by this process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.cli.early import load_early
from autograder.services import Choice
from autograder.sites import GradingSite
from autograder.warmth.ancestor import Ancestor

ROOT = Path(__file__).parents[2]


class FakeAncestor(Ancestor):
    """Says that it was launched, and starts nothing."""

    launched = False

    def launch(self):
        self.launched = True


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.cli.early.Ancestor", FakeAncestor)
    (tmp_path / "build" / "a01" / "bundle").mkdir(parents=True)
    return tmp_path


def test_a_grade_here_loads_it(course):
    with load_early(course, "a01", "local", 0, here=True) as ancestor:
        assert ancestor.launched


@pytest.mark.parametrize(
    ("assessment", "executor", "workers", "here"),
    [
        ("a02", "local", 0, True),
        ("a01", "dask://host:8786", 0, True),
        ("a01", "inline", 0, True),
        ("a01", "local", 1, True),
        ("a01", "local", 0, False),
    ],
)
def test_nothing_is_loaded_that_may_not_be_needed(course, assessment, executor, workers, here):
    with load_early(course, assessment, executor, workers, here=here) as ancestor:
        assert ancestor is None


def test_one_that_cannot_be_launched_is_tried_again_when_it_is_needed(course, monkeypatch):
    def fail(_):
        raise OSError("no process to be had")

    monkeypatch.setattr(FakeAncestor, "launch", fail)
    with load_early(course, "a01", "local", 0, here=True) as ancestor:
        assert isinstance(ancestor, FakeAncestor)


def test_a_site_takes_it_for_trainings_in_one_thread():
    early = Ancestor(("colorsys",), rehearses=True)
    with GradingSite({}, ancestor=early)._choose_ancestor(1) as chosen:
        assert chosen is early


def test_a_site_of_other_trainings_lets_go_of_it():
    with Ancestor(("keras",), rehearses=True) as early:
        early.launch()
        launched = early._process
        assert launched.poll() is None
        with GradingSite({}, ancestor=early)._choose_ancestor(2) as chosen:
            assert chosen is not early
        assert launched.poll() is not None


def test_it_comes_to_the_site(tmp_path):
    with Ancestor(("colorsys",)) as early:
        bundle = SimpleNamespace(folder=tmp_path)
        assert Choice(ancestor=early).make().make_site(bundle).ancestor is early


def test_it_is_there_before_anything_heavy():
    code = "import sys, autograder.cli.main, autograder.cli.early; print(*sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"numpy", "pydantic", "sqlalchemy", "jinja2", "jupyter_client"} & set(found)
