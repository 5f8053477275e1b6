"""What a mutant came to, and time limits for mutants."""

from __future__ import annotations

import pytest

from autograder.errors import AuthoringError
from autograder.schema import BundleFolder
from autograder.verify.mutants import Fate, Kind, Mutant, Trial, judge_mutant, limit_bundle
from autograder.verify.mutants.trial import read_solved


def mutant(question="q1", kind=Kind.AXIS):
    return Mutant(f"{question}-1", question, kind, "a.ipynb, cell 9", 4, "axis=1", "axis=0", {})


def test_less_than_full_marks_of_its_own_question_kills(make):
    tried = judge_mutant(mutant(), make.result(q1="failed", q1_score=1))
    assert tried.fate is Fate.KILLED
    assert tried.killed_by == ("q1-2",)


def test_full_marks_let_it_survive_whatever_another_question_gets(make):
    tried = judge_mutant(mutant(), make.result(q2="failed", q2_score=0))
    assert tried.fate is Fate.SURVIVED
    assert tried.killed_by == ()
    assert tried.mutant.where == "a.ipynb, cell 9 (q1), line 4"
    assert tried.mutant.change == "`axis=1` → `axis=0`"


def test_a_failure_of_ours_neither_kills_nor_lets_survive(make):
    failed = make.result().model_copy(update={"questions": (), "staff_message": "no kernel"})
    tried = judge_mutant(mutant(), failed)
    assert tried.fate is Fate.NOT_GRADED
    assert tried.message == "no kernel"
    assert Trial([tried], {}).killed_share is None


def test_the_share_counts_what_was_graded(make):
    lost = make.result(q1="failed", q1_score=0)
    broken = lost.model_copy(update={"questions": ()})
    tried = [judge_mutant(mutant(), result) for result in (lost, lost, make.result(), broken)]
    tried.append(judge_mutant(mutant("q2"), lost))
    trial = Trial(tried, {"q2": 3})
    assert trial.killed_share == 2 / 4
    assert trial.questions == ("q1", "q2")
    assert len(trial.of_question("q1")) == 4
    assert [item.mutant.question for item in trial.with_fate(Fate.SURVIVED)] == ["q1", "q2"]


def test_a_solution_without_full_marks_is_an_error_that_names_every_question(make):
    results = {
        "q1": make.result(q1="failed", q1_score=1),
        "q2": make.result(q2="failed", q2_score=0),
    }
    with pytest.raises(AuthoringError) as error:
        read_solved(results, "a01")
    assert [problem.where for problem in error.value.problems] == ["a01 (q1)", "a01 (q2)"]
    assert "the solution gets 1 of 2" in str(error.value)


def test_limits_follow_the_solution_and_never_grow(make, bundle, tmp_path):
    folder = tmp_path / "bundle"
    (folder / "public" / "data").mkdir(parents=True)
    (folder / "public" / "data" / "train.npz").write_bytes(b"arrays")
    (folder / "bundle.json").write_text(bundle.model_dump_json(), encoding="utf-8")
    original = BundleFolder(bundle=bundle, folder=folder)
    first, second, _ = make.result().questions
    solved = {
        "q1": first.model_copy(update={"reference_seconds": 0.5}),
        "q2": second.model_copy(update={"reference_seconds": 50.0}),
    }
    limited = limit_bundle(original, solved, tmp_path / "copy")
    limits = [question.time_limit_seconds for question in limited.bundle.questions]
    assert limits == [3.5, 60.0, 60.0]
    assert (limited.public / "data" / "train.npz").read_bytes() == b"arrays"
    assert original.bundle.questions[0].time_limit_seconds == 60.0
