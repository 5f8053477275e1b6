"""The changes that the sample course allows are such as its solutions still have."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from autograder import assign
from autograder.notebook import parse_notebook, read_notebook
from autograder.verify.mutants import find_answers, make_mutants, mark_allowed

COURSE = Path(__file__).parents[2]
FILES = sorted(COURSE.glob("solutions/*/reference/mutants.toml"))


@pytest.mark.parametrize("file", FILES, ids=[file.parts[-3] for file in FILES])
def test_each_allowed_change_is_one_that_a_mutant_makes(file):
    folder = file.parents[1]
    release = assign.build_release(COURSE, folder.name)
    name = release.bundle.notebook_name
    master = read_notebook(folder / name)
    answers = find_answers(parse_notebook(release.solution), master, name)
    marked = mark_allowed(make_mutants(answers, release.bundle), file)
    tables = tomllib.loads(file.read_text("utf-8"))
    allowed = {(mutant.question, mutant.change) for mutant in marked if mutant.allowed}
    assert allowed == {(name, change) for name, table in tables.items() for change in table}
