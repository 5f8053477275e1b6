"""Chooses which mutants to try: every question and every kind in turn, the same each time."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import TypeVar

from autograder.verify.mutants.mutant import Kind, Mutant

T = TypeVar("T")


@dataclass(frozen=True)
class Sample:
    """Mutants to try.

    Attributes:
        left_out: how many of each question are not tried; those without any are missing.
    """

    mutants: tuple[Mutant, ...]
    left_out: Mapping[str, int]


def sample_mutants(mutants: Sequence[Mutant], most: int, seed: int = 0) -> Sample:
    """At most `most` of `mutants`, in their order.

    First the stub of every question, then the questions in turn, each with its kinds in turn.
    """
    stubs = [mutant for mutant in mutants if mutant.kind is Kind.STUB]
    others = [mutant for mutant in mutants if mutant.kind is not Kind.STUB]
    questions = dict.fromkeys(mutant.question for mutant in mutants)
    queues = [
        _mix_kinds([mutant for mutant in others if mutant.question == name], f"{seed} {name}")
        for name in questions
    ]
    chosen = {mutant.name for mutant in islice(chain(stubs, _take_turns(queues)), most)}
    left = {
        name: sum(item.question == name and item.name not in chosen for item in mutants)
        for name in questions
    }
    kept = tuple(mutant for mutant in mutants if mutant.name in chosen)
    return Sample(kept, {name: count for name, count in left.items() if count})


def _mix_kinds(mutants: Sequence[Mutant], seed: str) -> list[Mutant]:
    generator = random.Random(seed)  # noqa: S311 - a sample, not a secret
    kinds: dict[Kind, list[Mutant]] = {}
    for mutant in mutants:
        kinds.setdefault(mutant.kind, []).append(mutant)
    queues = list(kinds.values())
    generator.shuffle(queues)
    for queue in queues:
        generator.shuffle(queue)
    return list(_take_turns(queues))


def _take_turns(queues: Iterable[Sequence[T]]) -> Iterable[T]:
    rounds = zip_longest(*queues)
    return (item for one in rounds for item in one if item is not None)
