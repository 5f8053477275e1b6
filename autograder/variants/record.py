"""What was found of each variant, as `build/<id>/variants/records/` keeps it: one file each.

A record is of one bundle: where the variant was built anew with another content, it says nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from autograder.report.writer import write_whole
from autograder.schema.base import Value
from autograder.variants.pool import Built

State = Literal["built", "failed", "dropped", "verified"]
_FOLDER = "records"


class Judged(Value):
    """What a reference submission came to.

    Attributes:
        digest: of its notebook and label: where they change, it is graded again.
        score: in points; None where the grader failed.
        complaints: what differs from its label; empty where it is right.
    """

    digest: str
    score: float | None
    complaints: tuple[str, ...] = ()


class Run(Value):
    """One training of the reference solution.

    Attributes:
        question: whose training it is.
        seed: added to those of the kernel and of the question.
        value: of the metric; None where there is none, or where a test was not judged by a fault
            of ours: the run is then done again.
        seconds: reference seconds of building and training.
        failed: the question's test cases that it failed, its training left out.
    """

    question: str
    seed: int
    value: float | None
    seconds: float
    failed: tuple[str, ...] = ()


class Record(Value):
    """What was found of one variant.

    Attributes:
        bundle: hash of the bundle that it was found with.
        state: `built` until a verification has come to its end.
        reason: why it failed or was dropped.
        references: by `<expected>/<name>`.
        runs: trainings of the solution.
    """

    bundle: str
    state: State = "built"
    reason: str = ""
    references: dict[str, Judged] = Field(default_factory=dict)
    runs: tuple[Run, ...] = ()


def read_record(folder: Path, variant: Built) -> Record:
    """What is known of a variant of the pool in `folder`; a damaged record is as good as none."""
    try:
        text = (folder / _FOLDER / f"{variant.name}.json").read_text(encoding="utf-8")
        record = Record.model_validate_json(text)
    except (FileNotFoundError, ValueError):
        return Record(bundle=variant.bundle)
    return record if record.bundle == variant.bundle else Record(bundle=variant.bundle)


def write_record(folder: Path, name: str, record: Record) -> None:
    """Keep what was found of a variant."""
    content = (record.model_dump_json(indent=1) + "\n").encode()
    write_whole(folder / _FOLDER / f"{name}.json", content)
