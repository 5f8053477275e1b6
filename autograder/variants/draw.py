"""Draws the values of variants: the first n of an assessment are the first n of any larger number.

Each parameter of each variant has its own random stream, so that another parameter, or another
choice of it, leaves the values of the others as they are.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.errors import UsageError
from autograder.schema import AssessmentConfig, Choices, Parameter, Permutation, Range
from autograder.schema.parameter import Variant, make_variant, to_plain
from autograder.variants.streams import make_stream

MOST_VARIANTS = 10_000
_MOST_TRIES = 200  # for each variant, before nothing new is taken to come


def draw_variants(assessment: str, config: AssessmentConfig, count: int) -> list[Variant]:
    """The first `count` variants, no two with the same values.

    Raises:
        UsageError: if there are no parameters, or they have fewer values together.
    """
    parameters = config.variants.parameters
    if not parameters:
        fix = "name some in [variants.parameters] of assessment.toml"
        raise UsageError(f"{assessment} has no parameters, so it has no variants; {fix}")
    possible = count_possible(parameters)
    if count > min(possible, MOST_VARIANTS):
        most = min(possible, MOST_VARIANTS)
        raise UsageError(
            f"{assessment}: {count} variants are too many: its parameters make {most}; "
            f"ask for {most} at most, or widen [variants.parameters] in assessment.toml"
        )
    found: dict[str, dict[str, Any]] = {}
    number = 0
    while len(found) < count and number < _MOST_TRIES * count:
        values = draw_values(parameters, config.data.seed, number)
        found.setdefault(json.dumps(values, sort_keys=True), values)
        number += 1
    if len(found) < count:
        raise UsageError(f"{assessment}: only {len(found)} variants were found; ask for fewer")
    return [make_variant(assessment, config.data.seed, values) for values in found.values()]


def draw_values(parameters: Mapping[str, Parameter], seed: int, number: int) -> dict[str, Any]:
    """Values of the variant with this number, from 0."""
    return {
        name: draw_value(item, make_stream(seed, "variant", str(number), name))
        for name, item in parameters.items()
    }


def draw_value(parameter: Parameter, generator: np.random.Generator) -> Any:
    """One value, each as likely as the others."""
    if isinstance(parameter, Choices):
        return to_plain(parameter.choices[int(generator.integers(len(parameter.choices)))])
    if isinstance(parameter, Permutation):
        items = parameter.items
        return [items[place] for place in generator.permutation(len(items))]
    low, high = parameter.range
    if parameter.is_integer:
        return int(generator.integers(int(low), int(high), endpoint=True))
    return _clip(round(float(generator.uniform(low, high)), parameter.decimals), parameter)


def _clip(value: float, parameter: Range) -> float:
    """Rounding may lead out of the range."""
    low, high = parameter.range
    return float(min(max(value, low), high))


def count_possible(parameters: Mapping[str, Parameter]) -> int:
    """How many different variants there are at most."""
    return math.prod(map(_count_values, parameters.values()))


def _count_values(parameter: Parameter) -> int:
    if isinstance(parameter, Choices):
        return len(parameter.choices)
    if isinstance(parameter, Permutation):
        return math.factorial(len(parameter.items))
    low, high = parameter.range
    if parameter.is_integer:
        return int(high) - int(low) + 1
    return int((high - low) * 10**parameter.decimals + 1e-6) + 1
