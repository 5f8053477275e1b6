"""Parameters of variants as `assessment.toml` states them: what each may be, and its default.

Left out: drawing values (`variants.draw`), and where values go (`assign.vary`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator

from autograder.schema.base import Value

Plain: TypeAlias = bool | int | float | str
Given: TypeAlias = Plain | tuple[Plain, ...]
ParameterName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Choices(Value):
    """One of some values; the first is the default unless another is named."""

    choices: tuple[Given, ...] = Field(min_length=2)
    default: Given | None = None

    @model_validator(mode="after")
    def _check(self) -> Choices:
        if len({json.dumps(item) for item in self.choices}) < len(self.choices):
            raise ValueError("a choice is there twice")
        if self.default is not None and self.default not in self.choices:
            raise ValueError("the default is none of the choices")
        return self

    @property
    def default_value(self) -> Any:
        """What the release without variants has."""
        return to_plain(self.choices[0] if self.default is None else self.default)


class Range(Value):
    """A number from `low` to `high`, both included.

    Attributes:
        range: the two ends; two integers give integers.
        decimals: of a number that is no integer; so many values there are.
        default: the middle where none is named.
    """

    range: tuple[int | float, int | float]
    decimals: int = Field(4, ge=0, le=12)
    default: int | float | None = None

    @model_validator(mode="after")
    def _check(self) -> Range:
        low, high = self.range
        if not low < high:
            raise ValueError("write the range as [lowest, highest]")
        if self.default is not None and not low <= self.default <= high:
            raise ValueError("the default is outside the range")
        if self.is_integer and isinstance(self.default, float):
            raise ValueError("the range has integers, so must the default be")
        return self

    @property
    def is_integer(self) -> bool:
        """Whether values are integers."""
        return all(isinstance(end, int) for end in self.range)

    @property
    def default_value(self) -> int | float:
        """What the release without variants has."""
        low, high = self.range
        if self.default is not None:
            return self.default
        return (low + high) // 2 if self.is_integer else round((low + high) / 2, self.decimals)


class Permutation(Value):
    """An order of the numbers from 0 to n - 1, or of some values; unchanged by default."""

    permutation: Annotated[int, Field(ge=2, le=10_000)] | tuple[Plain, ...]
    default: tuple[Plain, ...] | None = None

    @model_validator(mode="after")
    def _check(self) -> Permutation:
        keys = sorted(map(json.dumps, self.items))
        if len(keys) < 2 or len(set(keys)) < len(keys):
            raise ValueError("two or more different values have an order")
        if self.default is not None and sorted(map(json.dumps, self.default)) != keys:
            raise ValueError("the default is no order of these values")
        return self

    @property
    def items(self) -> tuple[Plain, ...]:
        """The values to be put in order."""
        if isinstance(self.permutation, int):
            return tuple(range(self.permutation))
        return self.permutation

    @property
    def default_value(self) -> list[Plain]:
        """What the release without variants has."""
        return list(self.items if self.default is None else self.default)


_KINDS = {"choices": Choices, "range": Range, "permutation": Permutation}


def _find_kind(value: object) -> str | None:
    """Key that says which kind of parameter this is."""
    if isinstance(value, Mapping):
        found = [kind for kind in _KINDS if kind in value]
        return found[0] if len(found) == 1 else None
    return next((key for key, kind in _KINDS.items() if isinstance(value, kind)), None)


Parameter = Annotated[
    Annotated[Choices, Tag("choices")]
    | Annotated[Range, Tag("range")]
    | Annotated[Permutation, Tag("permutation")],
    Discriminator(
        _find_kind,
        custom_error_type="parameter_kind",
        custom_error_message="write { choices = [...] }, { range = [low, high] } or "
        "{ permutation = n }",
    ),
]


class Variant(Value):
    """Values for the parameters of an assessment.

    Attributes:
        name: 12 digits, see `make_variant`; empty for the release without variants.
        values: by the parameter's name.
    """

    name: str = ""
    values: dict[str, Any] = Field(default_factory=dict)


def make_variant(assessment: str, seed: int, values: Mapping[str, Any]) -> Variant:
    """The variant of these values.

    It is named by a hash of what it is made from: the assessment, the seed of its data, and the
    values. So a corrected test or text leaves a student's variant the one that they were given.
    """
    made = {"assessment": assessment, "seed": seed, "values": to_plain(dict(values))}
    text = json.dumps(made, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return Variant(name=hashlib.sha256(text.encode()).hexdigest()[:12], values=made["values"])


def to_plain(value: Any) -> Any:
    """`value` with tuples as lists, as JSON and TOML have them."""
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    return [to_plain(item) for item in value] if isinstance(value, list | tuple) else value
