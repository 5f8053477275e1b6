"""Time limits for mutants: near to what the solution takes, so that one that hangs costs little."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from autograder.schema import BundleFolder, Question, QuestionResult, read_bundle
from autograder.schema.bundle import BUNDLE_FILE

_FACTOR = 3.0
_SECONDS = 2.0


def limit_bundle(
    original: BundleFolder, solved: Mapping[str, QuestionResult], folder: Path
) -> BundleFolder:
    """Copy of a bundle, in `folder`, with a shorter time limit for each question in `solved`.

    Args:
        original: stays as it is.
        solved: what the solution came to in each question.
        folder: that does not exist yet.
    """
    shutil.copytree(original.folder, folder)
    bundle = original.bundle
    questions = tuple(_limit(one, solved.get(one.name)) for one in bundle.questions)
    text = bundle.model_copy(update={"questions": questions}).model_dump_json()
    (folder / BUNDLE_FILE).write_text(text, encoding="utf-8")
    return read_bundle(folder)


def _limit(question: Question, solved: QuestionResult | None) -> Question:
    if solved is None:
        return question
    seconds = _FACTOR * solved.reference_seconds + _SECONDS
    limit = min(seconds, question.time_limit_seconds)
    return question.model_copy(update={"time_limit_seconds": limit})
