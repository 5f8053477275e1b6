"""What the runs of one question come to: thresholds, times, problems, and remarks for staff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.calibrate.bounds import LEAST_VALUES, SHARE, count_runs
from autograder.calibrate.check import count_full_marks, count_missed
from autograder.calibrate.remarks import name_answer, remark_luck, remark_patience
from autograder.calibrate.thresholds import Decided, Metric, Overlap, can_bound, set_thresholds
from autograder.calibrate.times import judge_times
from autograder.errors import Problem
from autograder.schema import Question
from autograder.schema.calibration import (
    RIGHT_ROLES,
    WRONG_ROLES,
    QuestionCalibration,
    Run,
    Series,
    Thresholds,
    Times,
)

MANY_RUNS = 30  # of which the tolerance factor is near enough to that of all
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
    answers = [item for item in series if item.role in RIGHT_ROLES]
    times = judge_times(series)
    problems = list(_find_time_problems(question, times))
    thresholds: Thresholds | None = None
    remarks: list[str] = []
    if question.training is not None:
        spec = question.training
        metric = Metric(spec.metric, spec.lower_is_better, hidden_examples)
        problems += _find_run_problems(question, answers)
        if can_bound(reference):
            right = [item for item in answers if can_bound(item) and not _repeats(item, reference)]
            wrong = [item for item in series if item.bounds and can_bound(item)]
            decided = set_thresholds(metric, right, wrong)
            thresholds, overlaps = decided.thresholds, decided.overlaps
            problems += [_explain_overlap(question, item, hidden_examples) for item in overlaps]
            remarks += _remark_thresholds(decided, right)
            remarks += _remark_others(thresholds, series)
    remarks += [text for item in answers for text in remark_patience(item)]
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


def _repeats(answer: Series, reference: Series) -> bool:
    """Whether it is the solution once more, of which the reference's runs tell more."""
    return (
        answer is not reference and bool(answer.notebook) and answer.notebook == reference.notebook
    )


def _find_run_problems(question: Question, answers: Sequence[Series]) -> Iterator[Problem]:
    for item in answers:
        lost = [run for run in item.runs if run.value is None]
        if lost:
            seeds = ", ".join(str(run.seed) for run in lost[:8])
            what = f"{name_answer(item.name)} gives no value with seed {seeds} ({lost[0].outcome})"
            yield Problem(question.name, what, "make its training more stable, or its time shorter")
        elif item.role == "reference" and len(item.runs) < LEAST_VALUES:
            what = f"{len(item.runs)} runs of the solution say nothing"
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
    right = name_answer(overlap.right)
    beyond = f"reaches {overlap.bound:.4g}, and {right} is only sure of {overlap.full:.4g}"
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


def _remark_thresholds(decided: Decided, right: Sequence[Series]) -> Iterator[str]:
    for item in right:
        name, count = name_answer(item.name), len(item.values)
        if len(set(item.values)) == 1:
            yield (
                f"all {count} runs of {name} gave the same value; does it set a seed of its own?"
            )
            continue  # what its spread says would be no news
        rate = decided.rates[item.name]
        more = count_runs(1 - SHARE) - count
        if rate > 1 - SHARE and more > 0:
            yield (
                f"the runs of {name} are not normal: {count} bound its rate of false fails "
                f"at {rate:.1%}; {more} more would bound it at {1 - SHARE:.0%}"
            )
    yield from _remark_few_runs(decided.thresholds, right)
    if decided.thresholds.no_marks_below is None:
        yield (
            "no wrong reference bounds `no_marks_below`; add one in failed/ that trains too badly, "
            "and give it 3 runs or more"
        )


def _remark_few_runs(thresholds: Thresholds, right: Sequence[Series]) -> Iterator[str]:
    solution, *others = right
    for item in others:
        few, many = len(item.values), len(solution.values)
        if item.name == thresholds.weakest_right and few < min(many, MANY_RUNS):
            yield (
                f"{item.name} sets the full mark with {few} runs only, so that it lies far below "
                "them; more `--right-runs` raise it"
            )


def _remark_others(thresholds: Thresholds, series: Sequence[Series]) -> Iterator[str]:
    for item in series:
        runs = len(item.runs)
        missed, passed = count_missed(item, thresholds), count_full_marks(item, thresholds)
        if item.role in RIGHT_ROLES and missed:
            yield f"{name_answer(item.name)} misses the full mark in {missed} of {runs} runs"
        if item.role in WRONG_ROLES and passed:
            yield f"{item.name} gets full marks in {passed} of {runs} runs"
            yield from remark_luck(item)
        if (item.bounds or item.role == "full_score") and not can_bound(item):
            yield f"{item.name} has {len(item.values)} values, too few to bound anything"


def bounds_threshold(runs: Sequence[Run]) -> bool:
    """Whether the training has to tell a wrong submission apart: no test case does each time."""
    return not all(run.failed for run in runs)
