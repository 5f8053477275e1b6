"""Mutants graded by the real grader, on an assessment of one small function with a weak test."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from autograder import notebook, pipeline
from autograder.cli import authoring
from autograder.cli.mutants import MutantOptions, make_row, tell_trial
from autograder.course import Course
from autograder.errors import AuthoringError
from autograder.verify.mutants import Fate, Kind, Mutants, Sample, Trial
from tests.masters import make_master
from tests.warm_services import Chosen, open_services

ID = "a78_mutants"
STEPS = """\
def count_steps(n):
    # BEGIN SOLUTION
    steps = 0
    while n > 0:
        n -= 1
        steps += 2
    return steps
    # END SOLUTION"""
MASTER = [
    ("raw", "# ASSIGNMENT CONFIG\ntests:\n  files: false\n  ok_format: false"),
    ("code", "import math"),
    ("raw", "# BEGIN QUESTION\nname: q1\npoints: 1\ntime_limit: 20s"),
    ("raw", "# BEGIN SOLUTION"),
    ("code", STEPS),
    ("raw", "# END SOLUTION"),
    ("raw", "# BEGIN TESTS"),
    ("code", "def test_weak(count_steps):\n    assert count_steps(2) >= 2"),
    ("raw", "# END TESTS"),
    ("raw", "# END QUESTION"),
]


@pytest.fixture(scope="module")
def services():
    """One sandbox and one crew of scorers for all tests: starting them is what takes time."""
    with open_services("process") as opened:
        yield opened


@pytest.fixture(scope="module")
def course(tmp_path_factory, services):
    folder = tmp_path_factory.mktemp("course")
    solution = folder / "solutions" / ID
    solution.mkdir(parents=True)
    (solution / f"{ID}.ipynb").write_bytes(notebook.serialize_notebook(make_master(MASTER)))
    (solution / "assessment.toml").write_text('title = "Small"\n', "utf-8")
    pipeline.assign_assessment(Course(folder), ID, services)
    return Course(folder)


@pytest.fixture(scope="module")
def trial(course, services):
    """The stub, one that the weak test lets pass, and one that never ends."""
    mutants = pipeline.list_mutants(course, ID, 1000)
    wanted = ("`n > 0` → `n >= 0`", "`n -= 1` → `n += 1`")
    chosen = [m for m in mutants.sample.mutants if m.kind is Kind.STUB or m.change in wanted]
    seen = []
    some = Mutants(mutants.solution, Sample(tuple(chosen), {"q1": 8}))
    trial = pipeline.try_mutants(course.find_bundle(ID), some, services, seen.append)
    assert [item.mutant for item in trial.tried] == chosen
    assert {item.mutant.name for item in seen} == {mutant.name for mutant in chosen}
    return trial


def test_a_weak_test_lets_a_mutant_survive_and_it_is_told_where_it_stands(trial, capsys):
    (item,) = trial.with_fate(Fate.SURVIVED)
    assert item.mutant.change == "`n > 0` → `n >= 0`"
    tell_trial(ID, trial)
    text = " ".join(capsys.readouterr().out.split())
    place = f"{ID}.ipynb, cell 5 (q1), line 4"
    assert f"{place}: `n > 0` → `n >= 0` earns full marks; add a test" in text
    assert "8 mutants were left out; try more with `--most`" in text
    assert "2 (67%)" in text


def test_one_that_staff_allow_is_told_no_more(course, trial, capsys):
    file = course.folder / "solutions" / ID / "reference" / "mutants.toml"
    file.parent.mkdir()
    file.write_text('[q1]\n"`n > 0` → `n >= 0`" = "as good"\n', encoding="utf-8")
    mutants = pipeline.list_mutants(course, ID, 1000).sample.mutants
    shutil.rmtree(file.parent)
    (weak,) = trial.with_fate(Fate.SURVIVED)
    (mutant,) = (mutant for mutant in mutants if mutant.change == weak.mutant.change)
    assert mutant == replace(weak.mutant, allowed="as good")
    tried = [item for item in trial.tried if item is not weak]
    tried.append(replace(weak, mutant=mutant, fate=Fate.ALLOWED))
    told = Trial(tried, {})
    tell_trial(ID, told)
    text = capsys.readouterr().out
    assert "earns full marks" not in text
    cells = [cell.strip() for cell in text.splitlines()[-1].split("│")]
    assert cells == ["q1", "3", "2 (100%)", "0", "1", "0", "0"]
    assert make_row(told)["mutants"][-1]["allowed"] == "as good"


def test_one_that_never_ends_is_stopped_by_a_short_limit(trial):
    endless = trial.tried[-1]
    assert endless.outcome == "time_limit"
    assert endless.fate is Fate.KILLED


def test_a_stub_is_killed(trial):
    assert trial.tried[0].mutant.kind is Kind.STUB
    assert trial.tried[0].fate is Fate.KILLED


def test_json_says_what_was_changed_and_what_became_of_it(trial):
    row = json.loads(json.dumps(make_row(trial)))
    assert row["killed_share"] == pytest.approx(2 / 3)
    assert row["left_out"] == {"q1": 8}
    item = row["mutants"][1]
    assert (item["kind"], item["line"], item["fate"]) == ("comparison", 4, "survived")
    assert (item["before"], item["after"]) == ("n > 0", "n >= 0")
    assert row["mutants"][2]["killed_by"] == ["q1-1"]


def test_the_exit_code_asks_for_mutants_only_where_told(trial):
    assert not MutantOptions().is_too_few(trial)
    assert not MutantOptions(60, 0.6).is_too_few(trial)
    assert MutantOptions(60, 0.7).is_too_few(trial)


def test_verify_tries_as_many_as_it_is_told(course, services, capsys):
    options = MutantOptions(2, 1.0)
    where = Chosen("process", services=services)
    code = authoring.verify([ID], course.folder, where, options, as_json=True)
    (row,) = json.loads(capsys.readouterr().out)
    fates = [item["fate"] for item in row["mutants"]["mutants"]]
    untested = len(row["untested"])
    assert len(fates) == 2
    assert untested == 0
    assert code == int("survived" in fates)


def test_what_is_wrong_with_an_allowed_change_is_told_before_anything_is_graded(
    course, services, capsys
):
    file = course.folder / "solutions" / ID / "reference" / "mutants.toml"
    file.parent.mkdir()
    file.write_text('[q1]\n"`n > 0` → `n > 9`" = "as good"\n', encoding="utf-8")
    where = Chosen("process", services=services)
    with pytest.raises(AuthoringError, match=r"no mutant makes the change `n > 0` → `n > 9`"):
        authoring.verify([ID], course.folder, where, MutantOptions(), as_json=False)
    shutil.rmtree(file.parent)
    assert capsys.readouterr().out == ""


def test_options_reach_the_container_as_they_were_typed():
    assert MutantOptions(5, 0.9).arguments == ["--mutants", "--most", "5", "--least-killed", "0.9"]
    assert MutantOptions().arguments == ["--mutants", "--most", "60"]
