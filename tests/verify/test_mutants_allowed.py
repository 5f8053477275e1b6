"""Changes that staff call right as well: what a file of them says, and everything wrong in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.errors import AuthoringError
from autograder.verify.mutants import Fate, Kind, Mutant, Trial, judge_mutant, mark_allowed
from autograder.verify.reference import load_references

CHANGE = '`name("a\\n") == 1` → `name("a\\n") != 1`'
STUB = Mutant("q1-0", "q1", Kind.STUB, "a.ipynb, cell 9", None, "", "", {})
FIRST = Mutant("q1-1", "q1", Kind.AXIS, "a.ipynb, cell 9", 4, "axis=1", "axis=0", {})
AGAIN = replace(FIRST, name="q1-2", line=7)
OTHER = replace(FIRST, name="q2-1", question="q2")
QUOTED = Mutant(
    "q2-2", "q2", Kind.COMPARISON, "a.ipynb, cell 12", 1, *CHANGE.strip("`").split("` → `"), {}
)
MUTANTS = [STUB, FIRST, AGAIN, OTHER, QUOTED]


def mark(tmp_path, text):
    path = tmp_path / "mutants.toml"
    path.write_text(text, encoding="utf-8")
    return [mutant.allowed for mutant in mark_allowed(MUTANTS, path)]


def test_a_change_is_allowed_in_all_places_of_its_question(tmp_path):
    text = '[q1]\n"`axis=1` → `axis=0`" = "한 줄뿐이다"\n'
    assert mark(tmp_path, text) == ["", "한 줄뿐이다", "한 줄뿐이다", "", ""]


def test_a_change_with_quotes_is_written_as_toml_has_it(tmp_path):
    assert QUOTED.change == CHANGE
    assert mark(tmp_path, f"[q2]\n'{CHANGE}' = 'so'\n")[-1] == "so"


def test_without_a_file_nothing_is_allowed(tmp_path):
    assert mark_allowed(MUTANTS, tmp_path / "mutants.toml") == MUTANTS


def test_everything_wrong_is_told_at_once(tmp_path):
    text = """
q3 = "all"
q2 = "all"
[q1]
"`axis=1` → `axis=2`" = "gone since the last term"
"the released prompt in place of the solution" = "never right"
"`axis=1` → `axis=0`" = " "
"""
    with pytest.raises(AuthoringError) as caught:
        mark(tmp_path, text)
    no_mutant = "mutants.toml (q1): no mutant makes the change"
    told = """\
mutants.toml: `q3` is no question with mutants; questions with mutants are q1, q2
mutants.toml: `q2` is no table; write `[q2]`, and under it `"the change" = "why it is right, too"`
{no_mutant} `axis=1` → `axis=2`; did you mean `axis=1` → `axis=0`
{no_mutant} the released prompt in place of the solution; remove it
mutants.toml (q1): `axis=1` → `axis=0` has no reason; write `"the change" = "why"`"""
    problems = list(map(str, caught.value.problems))
    assert problems == told.replace("{no_mutant}", no_mutant).splitlines()


def test_a_file_that_is_no_toml_is_an_error(tmp_path):
    with pytest.raises(AuthoringError, match="is not valid TOML"):
        mark(tmp_path, "[q1\n")


def test_what_is_allowed_neither_survives_nor_is_killed(make):
    allowed = replace(FIRST, allowed="one row")
    right, wrong = make.result(), make.result(q1="failed", q1_score=1)
    tried = [judge_mutant(allowed, right), judge_mutant(FIRST, wrong), judge_mutant(FIRST, right)]
    assert [item.fate for item in tried] == [Fate.ALLOWED, Fate.KILLED, Fate.SURVIVED]
    assert Trial(tried, {}).killed_share == 1 / 2
    assert Trial(tried[:1], {}).killed_share is None


def test_one_that_loses_points_is_killed_whatever_is_allowed(make):
    wrong = make.result(q1="failed", q1_score=1)
    assert judge_mutant(replace(FIRST, allowed="one row"), wrong).fate is Fate.KILLED


def test_the_file_is_no_reference(tmp_path, solution, student, bundle):
    (tmp_path / "mutants.toml").write_text("")
    assert load_references(tmp_path, solution, student, bundle) == []
