"""What the keys of a question mean: points, limits, training; every wrong key is a problem.

Left out: the cells of a question (`dialect`, `cases`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import ValidationError

from autograder.assign import otter_adapter
from autograder.assign.cases import Case, is_points
from autograder.assign.dialect import QuestionBlock
from autograder.assign.measured import NOTHING_MEASURED, Measured, Numbers
from autograder.errors import Problem
from autograder.schema import Spread, TrainingSpec

_OTTER_KEYS = ("name", "points", "manual", "all_or_nothing", "check_cell", "export")
_OUR_KEYS = ("time_limit", "isolation", "training")
_SECONDS_PER_UNIT = {"": 1.0, "s": 1.0, "m": 60.0}
_TIME_LIMIT = re.compile(r"(\d+(?:\.\d+)?)\s*([smx]?)$")

Points = float | list[float | None] | None


@dataclass(frozen=True)
class QuestionRules:
    """What the configuration of a question says, with every default filled in.

    Attributes:
        case_points: of its test cases, in order.
        points: altogether.
        calibrated: whether a number of it comes from the calibration.
        measured: whether calibration measures it: it trains, or its time limit is a multiple.
        spread: of the reference, where the full mark comes from the calibration.
        told: numbers that texts may name, by the name they have there: thresholds, the time limit,
            and what was measured of the solution.
    """

    case_points: tuple[float, ...]
    points: float
    time_limit_seconds: float
    isolation: Literal["separate", "shared"] = "separate"
    manual: bool = False
    all_or_nothing: bool = False
    training: TrainingSpec | None = None
    calibrated: bool = False
    measured: bool = False
    spread: Spread | None = None
    told: Mapping[str, float] = field(default_factory=dict)


def read_rules(
    block: QuestionBlock,
    cases: Sequence[Case],
    question_seconds: float,
    measured: Measured = NOTHING_MEASURED,
) -> tuple[QuestionRules, list[Problem]]:
    """Rules of one question and what is wrong with its configuration.

    Args:
        block: its name and keys.
        cases: its test cases.
        question_seconds: time limit where the question names none.
        measured: numbers for what says `auto`.
    """
    reader = _RulesReader(block, cases, measured)
    reader.check_keys()
    manual = reader.read_flag("manual")
    training = reader.read_training(manual)
    points, total = reader.read_points(training, manual)
    seconds = reader.read_time_limit(question_seconds)
    reader.check_tested(training, manual)
    rules = QuestionRules(
        case_points=points,
        points=total,
        time_limit_seconds=seconds,
        isolation="shared" if reader.read_isolation() == "shared" else "separate",
        manual=manual,
        all_or_nothing=reader.read_flag("all_or_nothing"),
        training=training and reader.with_points(training, _total([total, -sum(points)])),
        calibrated=reader.numbers.used,
        measured=not manual and reader.is_measured(),
        spread=reader.numbers.spread,
        told=_tell(seconds, training) | reader.numbers.tell(),
    )
    reader.add_number_problems()
    return rules, reader.problems


def _tell(seconds: float, training: TrainingSpec | None) -> dict[str, float]:
    """The numbers of the rules themselves; whole ones without a decimal point."""
    told = {"time_limit": seconds}
    if training is not None:
        told["full_marks_at"] = training.full_marks_at
        told["no_marks_below"] = training.no_marks_below
    return {
        name: int(value) if float(value).is_integer() else value for name, value in told.items()
    }


class _RulesReader:
    """Reads the keys of one question, collecting what is wrong with them."""

    def __init__(self, block: QuestionBlock, cases: Sequence[Case], measured: Measured) -> None:
        self.numbers = Numbers(block.name, measured)
        self.block = block
        self.config = block.config
        self.cases = cases
        self.problems: list[Problem] = []

    def add(self, what: str, fix: str = "") -> None:
        self.problems.append(self.block.place.problem(what, fix))

    def add_number_problems(self) -> None:
        for what, fix in self.numbers.problems:
            self.add(what, fix)

    def check_keys(self) -> None:
        known = (*_OTTER_KEYS, *_OUR_KEYS)
        for key in self.config:
            if key not in known:
                self.add(f"unknown key `{key}`", f"known keys are {', '.join(known)}")

    def read_flag(self, key: str) -> bool:
        value = self.config.get(key, False)
        if not isinstance(value, bool):
            self.add(f"`{key}: {value}` is neither true nor false", f"write `{key}: true`")
        return bool(value)

    def read_isolation(self) -> str:
        value = self.config.get("isolation", "separate")
        if value not in ("separate", "shared"):
            self.add(f"`isolation: {value}` is unknown", "write `separate` or `shared`")
        return str(value)

    def read_time_limit(self, default: float) -> float:
        value = self.config.get("time_limit", default)
        match = _TIME_LIMIT.match(str(value).strip()) if not isinstance(value, bool) else None
        if not match or float(match.group(1)) == 0:
            self.add(f"`time_limit: {value}` is not a time", "write `60s` or `1.5m`")
            return default
        number, unit = match.groups()
        if unit == "x":
            return self.numbers.multiply_time(float(number), str(value)) or default
        if self.numbers.measured.placeholders and "training" in self.config:
            return self.numbers.measured.placeholder_seconds
        return float(number) * _SECONDS_PER_UNIT[unit]

    def is_measured(self) -> bool:
        return "training" in self.config or str(self.config.get("time_limit", "")).endswith("x")

    def check_tested(self, training: TrainingSpec | None, manual: bool) -> None:
        if manual and self.cases:
            self.add("is `manual` but has test cases", "remove them or the key `manual`")
        if not manual and not self.cases and "training" not in self.config:
            name = self.block.name
            fix = "add one below its solution cell, or write `manual: true`"
            self.add(f"question {name} has no test case", fix)
        if training is not None and manual:
            self.add("is `manual` but has a training", "remove one of the two")

    def read_training(self, manual: bool) -> TrainingSpec | None:
        if "training" not in self.config or manual:
            return None
        keys = self.config["training"]
        if not isinstance(keys, dict):
            self.add("`training:` is not a list of keys", "indent its keys below it")
            return None
        filled = self.numbers.fill_thresholds(keys)
        if filled is None:
            return None
        try:
            spec = TrainingSpec.model_validate(filled)
        except ValidationError as error:
            self._explain(error)
            return None
        if spec.full_marks_at == spec.no_marks_below or spec.lower_is_better != (
            spec.full_marks_at < spec.no_marks_below
        ):
            what = f"`full_marks_at: {spec.full_marks_at}` is not better than `no_marks_below`"
            self.add(what, "exchange them, or say `lower_is_better: true`")
        return spec

    def _explain(self, error: ValidationError) -> None:
        known = ", ".join(TrainingSpec.model_fields)
        for item in error.errors():
            key = ".".join(map(str, item["loc"]))
            if item["type"] == "extra_forbidden":
                self.add(f"unknown key `training.{key}`", f"known keys are {known}")
            else:
                self.add(f"`training.{key}`: {item['msg'].lower()}", "correct its value")

    def read_points(
        self, training: TrainingSpec | None, manual: bool
    ) -> tuple[tuple[float, ...], float]:
        """Points of each test case, and of the question."""
        none = (0.0,) * len(self.cases)
        points = self._valid_points()
        if manual or (not self.cases and "training" not in self.config):
            return none, 0.0 if points is None or isinstance(points, list) else float(points)
        if "training" in self.config:
            return self._training_points(points, training)
        try:
            resolved = otter_adapter.resolve_points(points, [case.points for case in self.cases])
        except ValueError as error:
            self.add(f"its points contradict each other ({error})", "correct `points`")
            return none, 0.0
        return tuple(resolved), _total(resolved)

    def _valid_points(self) -> Points:
        """`points` as a number, a list for the test cases, or None."""
        points = self.config.get("points")
        if isinstance(points, dict):
            if set(points) != {"each"} or not is_points(points["each"]):
                self.add(f"`points: {points}` is not understood", "write `points: {each: 1}`")
                return None
            return points["each"] * len(self.cases)
        if isinstance(points, list):
            if len(points) != len(self.cases):
                what = f"`points` lists {len(points)} values for {len(self.cases)} test cases"
                self.add(what, "list one for each, hidden ones too")
                return None
            if all(item is None or is_points(item) for item in points):
                return points
        elif points is None or is_points(points):
            return points
        self.add(f"`points: {points}` is not a number from 0", "write a number or a list of them")
        return None

    def _training_points(
        self, points: Points, training: TrainingSpec | None
    ) -> tuple[tuple[float, ...], float]:
        each = self.config["points"]["each"] if self._gives_each() else None
        said = points if isinstance(points, list) else [case.points for case in self.cases]
        explicit = [each if value is None else value for value in said]
        cases = tuple(float(value) for value in explicit if value is not None)
        if len(cases) < len(explicit):
            what = "a test case of a training question has no points of its own"
            self.add(what, "give each test case `points:` in its test configuration")
            return (0.0,) * len(explicit), 0.0
        total = None if isinstance(points, list) or each is not None else points
        share = self._training_share(total, _total(cases), training)
        return cases, _total([*cases, share])

    def _gives_each(self) -> bool:
        points = self.config.get("points")
        return isinstance(points, dict) and is_points(points.get("each"))

    def _training_share(
        self, total: float | None, cases: float, training: TrainingSpec | None
    ) -> float:
        said = training is not None and "points" in training.model_fields_set
        if training is None:
            return 0.0
        share = training.points if said else (total or 0.0) - cases
        if total is None and not said:
            self.add("what its training is worth is not said", "write `training.points`")
        elif share <= 0:
            what = f"nothing of its {total or 0:g} points is left for the training"
            self.add(what, "raise `points` or lower those of its test cases")
        elif total is not None and abs(cases + share - total) > 1e-9:
            what = (
                f"`points: {total:g}` is not {cases:g} of the test cases and {share:g} of training"
            )
            self.add(what, "correct `points` or `training.points`")
        return max(share, 0.0)

    @staticmethod
    def with_points(training: TrainingSpec, points: float) -> TrainingSpec:
        return training.model_copy(update={"points": max(points, 0.0)})


def _total(points: Sequence[float]) -> float:
    """Sum without the noise of binary fractions, so that 0.1 + 0.2 is 0.3."""
    return round(sum(points), 9)
