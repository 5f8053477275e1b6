"""Changes of a solution that staff call right as well: `reference/mutants.toml` names them.

Such as counts that begin at one where only the largest is asked for, or a network with a layer less
that still does what the question wants. No test can tell them apart, and none should.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.errors import AuthoringError, Problem
from autograder.schema.toml import read_toml
from autograder.verify.mutants.mutant import Kind, Mutant

ALLOWED_FILE = "mutants.toml"


def mark_allowed(mutants: Sequence[Mutant], path: Path) -> list[Mutant]:
    """`mutants`, with the reason for those that a file allows; all as they are without the file.

    It has a table for each question, with reasons by change as the change is printed. A change is
    allowed in all places of a question. The prompt in place of an answer never is.

    Args:
        mutants: all that can be made of the solution, not only those that are tried.
        path: of the file.

    Raises:
        AuthoringError: with everything wrong in it, also changes that no mutant makes (any more).
    """
    reasons = read_toml(path)
    changes: dict[str, set[str]] = {}
    for mutant in mutants:
        changes.setdefault(mutant.question, set())
        if mutant.kind is not Kind.STUB:
            changes[mutant.question].add(mutant.change)
    problems = list(_find_problems(reasons, changes))
    if problems:
        raise AuthoringError(problems)
    return [
        replace(mutant, allowed=reasons.get(mutant.question, {}).get(mutant.change, ""))
        for mutant in mutants
    ]


def _find_problems(
    reasons: Mapping[str, Any], changes: Mapping[str, Iterable[str]]
) -> Iterator[Problem]:
    for question, table in reasons.items():
        if question not in changes:
            fix = f"questions with mutants are {', '.join(changes)}"
            yield Problem(ALLOWED_FILE, f"`{question}` is no question with mutants", fix)
        elif not isinstance(table, dict):
            fix = f'write `[{question}]`, and under it `"the change" = "why it is right, too"`'
            yield Problem(ALLOWED_FILE, f"`{question}` is no table", fix)
        else:
            yield from _find_wrong_changes(question, table, sorted(changes[question]))


def _find_wrong_changes(
    question: str, table: Mapping[str, Any], known: Sequence[str]
) -> Iterator[Problem]:
    place = f"{ALLOWED_FILE} ({question})"
    for change, reason in table.items():
        if change not in known:
            near = difflib.get_close_matches(change, known, n=1)
            fix = f"did you mean {near[0]}" if near else "remove it"
            yield Problem(place, f"no mutant makes the change {change}", fix)
        if not isinstance(reason, str) or not reason.strip():
            yield Problem(place, f"{change} has no reason", 'write `"the change" = "why"`')
