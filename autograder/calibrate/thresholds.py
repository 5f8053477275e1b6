"""Thresholds of a training, from the metric of right answers and of wrong references.

All is computed for a metric of which more is better; the other kind is mirrored first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.calibrate.bounds import (
    CONFIDENCE,
    LEAST_VALUES,
    Bound,
    bound_above,
    bound_below,
    bound_rate,
    compute_binomial_sd,
    compute_sd,
)
from autograder.schema.calibration import Series, Thresholds

_SHARES = (
    "acc",
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
    "top_k_categorical_accuracy",
)
_MOST_EXAMPLES = 1_000_000
_STEPS = 50  # the gap between the thresholds is at least so many of the steps they are rounded to


@dataclass(frozen=True)
class Metric:
    """What is measured, on how many hidden examples."""

    name: str
    lower_is_better: bool
    hidden_examples: int

    @property
    def sign(self) -> int:
        """Turns its values so that more is better."""
        return -1 if self.lower_is_better else 1

    def find_hidden_sd(self, values: Sequence[float], examples: int | None = None) -> float:
        """SD of the mean of `values` by the draw of the hidden set; 0 where it is no share.

        With `examples` instead of as many as there are.
        """
        count = self.hidden_examples if examples is None else examples
        if self.name not in _SHARES or not count:
            return 0.0
        return compute_binomial_sd(sum(values) / len(values), count)


@dataclass(frozen=True)
class Overlap:
    """A wrong reference that no threshold tells apart.

    Attributes:
        name: of the reference.
        bound: what its runs may reach.
        full: what the weakest right answer is sure of.
        right: name of that answer.
        needed_examples: hidden examples that would do, where only their number is in the way.
    """

    name: str
    bound: float
    full: float
    right: str
    needed_examples: int | None = None


@dataclass(frozen=True)
class Decided:
    """What follows for one metric.

    Attributes:
        overlaps: wrong references that reach beyond the full mark.
        rates: share of runs that miss the bound which they set, at most, of each right answer.
    """

    thresholds: Thresholds
    overlaps: tuple[Overlap, ...]
    rates: Mapping[str, float]


def set_thresholds(metric: Metric, right: Sequence[Series], wrong: Sequence[Series]) -> Decided:
    """Thresholds, and what stands in their way.

    The full mark is the least of the bounds of all right answers: a student may give any of them.

    Args:
        metric: what was measured.
        right: the solution's runs first; each with at least `LEAST_VALUES` values.
        wrong: each with as many; those that the training alone has to tell apart.
    """
    sure = {item.name: _bound_right(metric, item.values) for item in right}
    weakest = min(right, key=lambda item: sure[item.name].value)
    full = sure[weakest.name]
    bounds = {item.name: _bound_wrong(metric, item.values) for item in wrong}
    best = max(bounds, key=lambda name: bounds[name].value, default="")
    full_mark, no_mark = _round_outwards(full, bounds.get(best))
    rates = {name: bound.rate for name, bound in sure.items()}
    values = right[0].values
    thresholds = Thresholds(
        full_marks_at=metric.sign * full_mark,
        no_marks_below=None if no_mark is None else metric.sign * no_mark,
        lower_is_better=metric.lower_is_better,
        confidence=CONFIDENCE,
        false_fail_rate=max(rates.values()),
        false_fail_rate_any=max(_bound_misses(metric, item.values, full_mark) for item in right),
        false_pass_rate=bounds[best].rate if best else None,
        weakest_right=weakest.name,
        factor=full.factor,
        normality=full.normality,
        runs=len(values),
        mean=sum(values) / len(values),
        sd=compute_sd(values),
        hidden_sd=metric.find_hidden_sd(values),
        hidden_examples=metric.hidden_examples,
        best_wrong=best,
    )
    overlaps = tuple(_find_overlaps(metric, weakest, wrong, (full, bounds)))
    return Decided(thresholds, overlaps, rates)


def can_bound(series: Series) -> bool:
    """Whether it has values enough."""
    return len(series.values) >= LEAST_VALUES


def _bound_misses(metric: Metric, values: Sequence[float], full_mark: float) -> float:
    missed = sum(metric.sign * value < full_mark for value in values)
    return bound_rate(missed, len(values))


def _bound_right(metric: Metric, values: Sequence[float], examples: int | None = None) -> Bound:
    turned = [metric.sign * value for value in values]
    return bound_below(turned, metric.find_hidden_sd(values, examples))


def _bound_wrong(metric: Metric, values: Sequence[float], examples: int | None = None) -> Bound:
    turned = [metric.sign * value for value in values]
    return bound_above(turned, metric.find_hidden_sd(values, examples))


def _find_overlaps(
    metric: Metric,
    right: Series,
    wrong: Sequence[Series],
    found: tuple[Bound, dict[str, Bound]],
) -> Iterator[Overlap]:
    full, bounds = found
    for item in wrong:
        reached = bounds[item.name].value
        if reached >= full.value:
            yield Overlap(
                name=item.name,
                bound=metric.sign * reached,
                full=metric.sign * full.value,
                right=right.name,
                needed_examples=_count_examples(metric, right.values, item.values),
            )


def _count_examples(metric: Metric, right: Sequence[float], wrong: Sequence[float]) -> int | None:
    """Hidden examples from which on the two are told apart; None where more would not do."""
    if not metric.find_hidden_sd(right):
        return None
    examples = metric.hidden_examples
    while examples < _MOST_EXAMPLES:
        examples = math.ceil(examples * 1.1)
        full = _bound_right(metric, right, examples)
        if _bound_wrong(metric, wrong, examples).value < full.value:
            return examples
    return None


def _round_outwards(full: Bound, wrong: Bound | None) -> tuple[float, float | None]:
    """Both with few digits: the full mark no harder, the other no easier than its bound."""
    gap = abs(full.value - wrong.value) if wrong is not None else abs(full.value)
    if not gap:
        return full.value, None if wrong is None else wrong.value
    step = 10.0 ** math.floor(math.log10(gap / _STEPS))
    digits = max(0, -math.floor(math.log10(step)))
    full_mark = round(math.floor(full.value / step + 1e-9) * step, digits)
    if wrong is None:
        return full_mark, None
    return full_mark, round(math.ceil(wrong.value / step - 1e-9) * step, digits)
