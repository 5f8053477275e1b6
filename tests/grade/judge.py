"""Holds a regrade against grading anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.grade.regrade import Regraded, regrade_submission
from autograder.grade.submission import grade_submission
from autograder.grade.transcript import pack_transcript, unpack_transcript
from autograder.schema import BundleFolder, Question, Result, Submission
from tests.grade.conftest import case, write_bundle

_TIMES = {"cpu_seconds", "wall_seconds", "reference_seconds", "seconds", "graded_at", "bundle"}
Parts = dict[str, Any]


def compared(result: Result) -> Any:
    """`result` without times."""
    return _without_times(json.loads(result.model_dump_json()))


def _without_times(form: Any) -> Any:
    if isinstance(form, list):
        return [_without_times(item) for item in form]
    if isinstance(form, dict):
        return {key: _without_times(value) for key, value in form.items() if key not in _TIMES}
    return form


class Judge:
    """Grades, regrades and grades anew; each grading once."""

    def __init__(self, folder: Path, sandbox: Any, scorers: Any) -> None:
        self.folder = folder
        self.services = sandbox, scorers
        self.known: dict[Any, Any] = {}
        self.bundles = 0

    def write(self, parts: Parts) -> BundleFolder:
        self.bundles += 1
        folder = self.folder / str(self.bundles)
        folder.mkdir()
        return write_bundle(folder, content=f"sha256:{self.bundles}", **parts)

    def regrade(self, submission: Submission, old: Parts, new: Parts) -> Regraded:
        """Regrade from `old` to `new`; fails unless that is what grading anew gives."""
        key = submission.notebook, id(old)
        if key not in self.known:
            first = grade_submission(submission, self.write(old), *self.services)
            assert first.result.outcome == "graded", first.result.staff_message
            self.known[key] = first, old
        first = self.known[key][0]
        packed = pack_transcript(first.transcript) if first.transcript else b""
        bundle = self.write(new)
        kept = unpack_transcript(packed) if packed else None
        done = regrade_submission(submission, first.result, kept, bundle, self.services)
        anew = grade_submission(submission, bundle, *self.services)
        assert compared(done.graded.result) == compared(anew.result)
        assert done.graded.result.bundle == bundle.bundle.content
        return done


def hidden(source: str, **options: Any) -> Any:
    return case(source, hidden=True, **options)


def with_questions(parts: Parts, change: Callable[[Question], Question]) -> Parts:
    return {**parts, "questions": [change(item) for item in parts["questions"]]}


def with_cases(parts: Parts, change: Callable[..., Any]) -> Parts:
    """`change` takes the cases of a question and gives new ones."""

    def renew(item: Question) -> Question:
        cases = list(change(list(item.test_cases), item.name))
        named = [
            one.model_copy(update={"name": f"{item.name}-{number}"})
            for number, one in enumerate(cases, 1)
        ]
        points = sum(one.points for one in named) + (item.training.points if item.training else 0)
        return item.model_copy(update={"test_cases": tuple(named), "points": points})

    return with_questions(parts, renew)


def replace_source(old: str, new: str) -> Callable[..., Any]:
    def change(cases: list[Any], _name: str) -> list[Any]:
        return [one.model_copy(update={"source": one.source.replace(old, new)}) for one in cases]

    return change
