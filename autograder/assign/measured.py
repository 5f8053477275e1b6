"""Numbers that calibration found, for keys that say `auto` or a multiple of the reference's time.

While an assessment is being calibrated there are none yet: placeholders stand in for them then.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.assign import data_groups
from autograder.assign.dialect import Block, Master
from autograder.schema import AssessmentConfig, Spread, TrainingSpec
from autograder.schema.calibration import Calibration, QuestionCalibration, read_calibration

AUTO = "auto"
THRESHOLDS = ("full_marks_at", "no_marks_below")
_RUN = (Block.GIVEN, Block.SOLUTION)
_FREE = {"full_marks_at", "no_marks_below", "points", "class_names", "max_parameters"}


@dataclass(frozen=True)
class Measured:
    """What keys of the master may refer to.

    Attributes:
        assessment: its id, for the command in messages.
        calibration: what was found; None where nothing was.
        placeholders: while calibrating: every threshold and multiple gets a number that fits
            anything, so that the draft does not depend on them.
        placeholder_seconds: time limit of the questions that are calibrated then.
    """

    assessment: str = "ID"
    calibration: Calibration | None = None
    placeholders: bool = False
    placeholder_seconds: float = 600.0

    @property
    def command(self) -> str:
        """The next step where something is missing."""
        return f"run `autograder calibrate {self.assessment}`"

    def find(self, question: str) -> QuestionCalibration | None:
        """What was found for a question."""
        return None if self.calibration is None else self.calibration.find(question)


NOTHING_MEASURED = Measured()


def read_measured(folder: Path, assessment: str) -> Measured:
    """What was measured of the assessment in `folder`.

    Raises:
        AuthoringError: if its calibration cannot be read.
    """
    return Measured(assessment, read_calibration(folder))


@dataclass
class Numbers:
    """The numbers of one question's keys, and what is wrong with them as (what, fix).

    Attributes:
        used: whether a number of the calibration was taken.
        spread: of the reference, where the full mark is taken from it.
    """

    question: str
    measured: Measured
    used: bool = False
    spread: Spread | None = None
    problems: list[tuple[str, str]] = field(default_factory=list)

    def fill_thresholds(self, keys: Mapping[str, Any]) -> dict[str, Any] | None:
        """Keys of a training with numbers for `auto`; None where one is not known."""
        if self.measured.placeholders:
            full = 0.0 if keys.get("lower_is_better") is True else 1.0
            return {**keys, "full_marks_at": full, "no_marks_below": 1.0 - full}
        missing = [key for key in THRESHOLDS if key not in keys]
        for key in missing:
            fix = "write `auto`, or a number measured with several seeds"
            self.problems.append((f"`training.{key}` is missing", fix))
        numbers = {key: self._find_threshold(key) for key in THRESHOLDS if keys.get(key) == AUTO}
        if missing or None in numbers.values():
            return None
        return {**keys, **numbers}

    def _find_threshold(self, key: str) -> float | None:
        found = self.measured.find(self.question)
        number = getattr(found.thresholds, key) if found and found.thresholds else None
        if number is None and found is not None:
            what = f"`training.{key}` is auto, and calibration.json has no number for it"
            fix = f"add a reference in failed/ that trains badly, then {self.measured.command}"
            self.problems.append((what, fix))
        elif number is None:
            what = f"`training.{key}` is auto, and nothing was calibrated"
            self.problems.append((what, self.measured.command))
        if found is not None and found.thresholds is not None and number is not None:
            self.used = True
            if key == "full_marks_at":
                self.spread = _describe_spread(found)
        return None if number is None else float(number)

    def tell(self) -> dict[str, float]:
        """What texts may say of the solution: its `mean`, `sd` and `seconds`, where measured."""
        if self.measured.placeholders:
            return {"mean": 0.0, "sd": 0.0, "seconds": 0.0}
        found = self.measured.find(self.question)
        if found is None or not self.used:  # what is not used may be out of date
            return {}
        told: dict[str, float] = {"seconds": _round_up_seconds(found.times.mean_seconds)}
        if found.thresholds is not None:
            told |= {"mean": round(found.thresholds.mean, 2), "sd": round(found.thresholds.sd, 3)}
        return told

    def multiply_time(self, factor: float, value: str) -> float | None:
        """Whole seconds from `factor` times the reference's mean on; None where it is not known.

        `value` is how the master says it.

        The rule on references holds: at least twice the slowest right one, and at most two thirds
        of the fastest that must not finish (Kattis).
        """
        if self.measured.placeholders:
            return self.measured.placeholder_seconds
        found = self.measured.find(self.question)
        text = f"`time_limit: {value}`"
        if found is None:
            what = f"{text} is a multiple of a time that nobody has measured yet"
            fix = f"{self.measured.command}, or write seconds, such as `60s`"
            self.problems.append((what, fix))
            return None
        self.used = True
        times = found.times
        seconds = float(_round_up_seconds(factor * times.mean_seconds))
        if seconds < times.least_limit:
            what = f"{text} is {seconds:g} s; a right reference takes {times.slowest_seconds:.1f} s"
            step = _round_up(times.least_limit / times.mean_seconds)
            self.problems.append((what, f"allow twice as much: write `{step:g}x` or more"))
        elif times.most_limit is not None and seconds > times.most_limit:
            what = (
                f"{text} is {seconds:g} s; one in time_limit/ takes {times.fastest_seconds:.1f} s"
            )
            self.problems.append((what, f"write a multiple that is {times.most_limit:g} s or less"))
        return seconds


def _describe_spread(found: QuestionCalibration) -> Spread | None:
    thresholds = found.thresholds
    if thresholds is None:
        return None
    return Spread(mean=thresholds.mean, sd=thresholds.sd, runs=thresholds.runs)


def _round_up_seconds(seconds: float) -> int:
    """Whole seconds: that many are enough."""
    return max(1, math.ceil(seconds - 1e-9))


def _round_up(factor: float) -> float:
    return math.ceil(10 * factor - 1e-9) / 10


def make_question_key(
    question: str,
    master: Master,
    training: TrainingSpec | None,
    groups: Mapping[str, data_groups.Arrays],
    others: tuple[AssessmentConfig, str | None],
) -> str:
    """Digest of all that the metric and the time of the solution depend on.

    That is the code up to the end of the question, the arrays, how it is trained and measured, and
    what it may use; neither texts nor tests, thresholds and points.

    Args:
        question: its name.
        master: the notebook.
        training: of the question.
        groups: arrays of `data.py`.
        others: the assessment's configuration and the text of its `metrics.py`.
    """
    config, metrics = others
    digest = hashlib.sha256()
    for part in _list_code(question, master):
        digest.update(f"{len(part)}\0{part}".encode())
    used = {*config.data.public, *((training.data, training.evaluate) if training else ())}
    for name in sorted(used & set(groups)):
        digest.update(name.encode() + data_groups.to_npz(groups[name]))
    if training is not None:
        digest.update(training.model_dump_json(exclude=_FREE).encode())
        digest.update((metrics or "").encode() if ":" in training.metric else b"")
    return f"sha256:{digest.hexdigest()}"


def _list_code(question: str, master: Master) -> list[str]:
    runs = [cell for cell in master.cells if cell.is_code and cell.block in _RUN]
    last = max((i for i, cell in enumerate(runs) if cell.question == question), default=-1)
    return [cell.source for cell in runs[: last + 1]]
