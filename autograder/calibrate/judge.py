"""What the runs of one question come to: thresholds, times, problems, and remarks for staff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.calibrate.bounds import LEAST_VALUES, SHARE, bound_rate, count_runs
from autograder.calibrate.check import reaches_full
from autograder.calibrate.thresholds import Metric, Overlap, can_bound, set_thresholds
from autograder.calibrate.times import judge_times
from autograder.errors import Problem
from autograder.schema import Question
from autograder.schema.calibration import QuestionCalibration, Run, Series, Thresholds, Times

_LABELS = "reference.toml"


@dataclass(frozen=True)
class Judged:
    """What became of one question, and why it cannot be used; `problems` is empty where it can."""

    found: QuestionCalibration
    problems: tuple[Problem, ...] = ()


def judge_question(
    question: Question, key: str, hidden_examples: int, series: Sequence[Series]
) -> Judged:
    """Calibrate one question.

    Args:
        question: of the draft.
        key: digest of what its metric depends on.
        hidden_examples: in the group that its training is measured on; 0 where nothing trains.
        series: its runs; the reference's first.
    """
    reference = series[0]
    times = judge_times(series)
    problems = list(_find_time_problems(question, times))
    thresholds: Thresholds | None = None
    remarks: list[str] = []
    if question.training is not None:
        spec = question.training
        metric = Metric(spec.metric, spec.lower_is_better, hidden_examples)
        problems += _find_run_problems(question, reference)
        if can_bound(reference):
            wrong = [item for item in series if item.bounds and can_bound(item)]
            thresholds, overlaps = set_thresholds(metric, reference, wrong)
            problems += [_explain_overlap(question, item, hidden_examples) for item in overlaps]
            remarks += _remark_thresholds(thresholds, reference)
            remarks += _remark_others(thresholds, series)
    remarks += _remark_cases(reference)
    found = QuestionCalibration(
        name=question.name,
        key=key,
        metric=question.training.metric if question.training else "",
        thresholds=thresholds,
        times=times,
        series=tuple(series),
        remarks=tuple(remarks),
    )
    return Judged(found, tuple(problems))


def _find_run_problems(question: Question, reference: Series) -> Iterator[Problem]:
    lost = [run for run in reference.runs if run.value is None]
    if lost:
        seeds = ", ".join(str(run.seed) for run in lost[:8])
        what = f"the solution gives no value with seed {seeds} ({lost[0].outcome})"
        yield Problem(question.name, what, "make its training more stable, or its time shorter")
    elif len(reference.runs) < LEAST_VALUES:
        what = f"{len(reference.runs)} runs of the solution say nothing"
        yield Problem(question.name, what, f"ask for {LEAST_VALUES} or more with `--runs`")


def _find_time_problems(question: Question, times: Times) -> Iterator[Problem]:
    if times.most_limit is not None and times.least_limit > times.most_limit:
        what = (
            f"no time limit fits: a right reference takes {times.slowest_seconds:.1f} s and needs "
            f"a limit of {times.least_limit:g} s, one in time_limit/ takes "
            f"{times.fastest_seconds:.1f} s and allows {times.most_limit:g} s"
        )
        yield Problem(question.name, what, "make the slow one slower, or the right one faster")


def _explain_overlap(question: Question, overlap: Overlap, examples: int) -> Problem:
    beyond = f"reaches {overlap.bound:.4g}, and the solution is only sure of {overlap.full:.4g}"
    if overlap.needed_examples is not None:
        what = f"{beyond}: the hidden set of {examples:,} examples is too small for the gap"
        fix = f"hide about {overlap.needed_examples:,} examples"
        return Problem(f"reference/{overlap.name} ({question.name})", what, fix)
    fix = (
        "make the task tell them apart, try more `--wrong-runs`, or write `baseline = []` under "
        f'["{overlap.name}"] in {_LABELS} where its tests tell'
    )
    what = f"{beyond}: no threshold tells them apart"
    return Problem(f"reference/{overlap.name} ({question.name})", what, fix)


def _remark_thresholds(thresholds: Thresholds, reference: Series) -> Iterator[str]:
    count = len(reference.values)
    if thresholds.normality is None:
        yield f"all {count} runs gave the same value; does the notebook set a seed of its own?"
    if thresholds.factor is None:
        text = (
            f"the full mark is an order statistic of {count} runs; they bound the rate of false "
            f"fails at {thresholds.false_fail_rate:.1%}"
        )
        more = count_runs(1 - SHARE) - count
        yield text + (f"; {more} more would bound it at {1 - SHARE:.0%}" if more > 0 else "")
    if thresholds.no_marks_below is None:
        yield (
            "no wrong reference bounds `no_marks_below`; add one in failed/ that trains too badly, "
            "and give it 3 runs or more"
        )


def _remark_others(thresholds: Thresholds, series: Sequence[Series]) -> Iterator[str]:
    for item in series:
        values = item.values
        reached = sum(reaches_full(value, thresholds) for value in values)
        if item.role == "full_score" and reached < len(values):
            missed = len(values) - reached
            yield f"{item.name} misses the full mark in {missed} of {len(values)} runs"
        if item.role == "partial" and reached and not item.remark:
            yield f"{item.name} reaches the full mark in {reached} of {len(values)} runs"
        if item.bounds and not can_bound(item):
            yield f"{item.name} has {len(values)} values, too few to bound anything"


def _remark_cases(reference: Series) -> Iterator[str]:
    """Test cases that the solution fails with some seeds."""
    failures = Counter(name for run in reference.runs for name in run.failed)
    count = len(reference.runs)
    for name, times in sorted(failures.items()):
        rate = bound_rate(times, count) if times < count else 1.0
        yield (
            f"{name} fails in {times} of {count} runs of the solution: a right one may fail it in "
            f"up to {rate:.0%}; make the test more patient"
        )


def bounds_threshold(runs: Sequence[Run]) -> bool:
    """Whether the training has to tell a wrong submission apart: no test case does each time."""
    return not all(run.failed for run in runs)
