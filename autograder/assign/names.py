"""Checks that every name a test or training uses exists where grading will look for it.

Left out: finding the names in test code, which is `wire.test_code`'s, as the scorer does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.assign.cases import Case
from autograder.assign.code import find_defined_names, has_star_import
from autograder.assign.dialect import Block, Master
from autograder.assign.place import Place
from autograder.errors import Problem
from autograder.schema import TrainingSpec
from autograder.wire.test_code import find_free_names

TRAINING_NAMES = ("trained_model", "history")


@dataclass(frozen=True)
class NameSpace:
    """Names that tests may use.

    Attributes:
        defined: bound by code cells of the master, imports included.
        imports: bound by the scorer itself.
        hidden_groups: arrays that only hidden tests see.
        trained_from: number of the first question with a training, from 0; None without one.
        complete: whether `defined` is known to hold every name (no `import *`).
    """

    defined: frozenset[str]
    imports: Mapping[str, str]
    hidden_groups: tuple[str, ...] = ()
    trained_from: int | None = None
    complete: bool = True


def given_sources(master: Master) -> list[str]:
    """Text of every code cell that students get as it is."""
    return [cell.source for cell in master.cells if cell.is_code and cell.block is Block.GIVEN]


def answer_sources(master: Master) -> list[str]:
    """Text of every prompt and solution."""
    answers = (Block.PROMPT, Block.SOLUTION)
    return [cell.source for cell in master.cells if cell.is_code and cell.block in answers]


def collect_names(
    master: Master,
    imports: Mapping[str, str],
    hidden_groups: Iterable[str],
    trainings: Mapping[str, TrainingSpec],
) -> NameSpace:
    """Names that the tests of `master` may use; `trainings` are those of its questions, by name."""
    sources = given_sources(master) + answer_sources(master)
    order = [block.name for block in master.questions]
    return NameSpace(
        defined=frozenset().union(*map(find_defined_names, sources)),
        imports=imports,
        hidden_groups=tuple(hidden_groups),
        trained_from=min((order.index(name) for name in trainings), default=None),
        complete=not has_star_import(sources),
    )


def find_name_problems(
    cases: Sequence[Case], names: NameSpace, order: Sequence[str]
) -> list[Problem]:
    """Every name used by a test that grading could not bind.

    Args:
        cases: test cases of the master.
        names: names that they may use.
        order: names of the questions, in order.
    """
    problems: list[Problem] = []
    for case in cases:
        trained = (
            names.trained_from is not None and order.index(case.question) >= names.trained_from
        )
        for name in find_free_names(case.source):
            what, fix = _judge(name, case, names, trained)
            if what:
                problems.append(case.place.problem(what, fix))
    return problems


def _judge(name: str, case: Case, names: NameSpace, trained: bool) -> tuple[str, str]:
    """What is wrong with one name of one test, and the fix; empty if nothing is."""
    training_name = name in TRAINING_NAMES and names.trained_from is not None
    if name in names.hidden_groups or training_name:
        if not case.hidden:
            return f"a public test uses `{name}`, which only hidden tests have", "hide the test"
        if training_name and not trained:
            return f"`{name}` is used before the training question", "move the test behind it"
    elif names.complete and name not in names.defined:
        what = f"the test uses `{name}`, which no code cell defines or imports"
        return what, "define or import it, inside the test or in a given cell"
    if case.style == "exception" and name not in case.parameters and name not in names.imports:
        what = f"`{case.function}` uses `{name}` without taking it as a parameter"
        return what, f"write `def {case.function}({', '.join([*case.parameters, name])})`"
    return "", ""


def find_training_name_problems(
    place: Place, spec: TrainingSpec, defined: frozenset[str]
) -> list[Problem]:
    """Functions or variables named in `training:` that no code cell of the master defines."""
    wanted = {"preprocess": spec.preprocess, "predict": spec.predict, "model": spec.model}
    if spec.model is None:
        wanted |= {"build": spec.build, "train": spec.train}
    return [
        place.problem(
            f"`training.{key}` names `{name}`, which no code cell defines",
            "define it in the solution, or correct the key",
        )
        for key, name in wanted.items()
        if name is not None and name not in defined
    ]
