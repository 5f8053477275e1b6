"""Trains again with further seeds where a result is so near full marks that luck decides.

Only for questions whose full mark was calibrated: from one SD of the reference below it on, the
notebook runs again in a fresh kernel with another seed, at most twice, and the best run counts,
as a whole. What is kept of it to be scored again is that run's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from autograder.grade.scorer.process import Scorers
from autograder.grade.speed import NO_TIMING, Timing
from autograder.grade.submission import Graded, grade_submission
from autograder.sandbox.base import Sandbox
from autograder.schema.bundle import Bundle, BundleFolder, Question
from autograder.schema.result import QuestionResult, Result, TrainingResult, TrainingTrial
from autograder.schema.submission import Submission

MOST_TRIALS = 3
GradeWithSeed = Callable[[int], Graded]


def grade_fairly(
    submission: Submission,
    bundle: BundleFolder,
    services: tuple[Sandbox, Scorers],
    timing: Timing = NO_TIMING,
) -> Graded:
    """Grade one submission, with further seeds where luck would decide; see `grade_submission`."""

    def grade(one: int) -> Graded:
        return grade_submission(submission, bundle, *services, seed=one, timing=timing)

    return train_again(grade(0), bundle.bundle, grade)


def train_again(first: Graded, bundle: Bundle, grade: GradeWithSeed) -> Graded:
    """The best of `first` and of at most two more runs, with what each came to.

    Trials that `first` brings along, of an earlier grading, count as made.

    Args:
        first: as graded.
        bundle: that it was graded with.
        grade: grades the same submission once, with another seed.
    """
    asked = list_grey(first.result, bundle)
    best, runs = first, [first.result]
    seeds = {first.result.environment.seed, *_list_seeds(first.result)}
    while list_grey(best.result, bundle) and len(seeds) < MOST_TRIALS:
        seed = max(seeds) + 1
        seeds.add(seed)
        again = grade(seed)
        if again.result.outcome == "grader_error":
            continue  # ours: what was graded before stays
        runs.append(again.result)
        if (again.result.score or 0.0) > (best.result.score or 0.0):
            best = again
    if len(runs) == 1:
        return first
    return replace(best, result=_note_trials(best.result, runs, asked))


def list_grey(result: Result, bundle: Bundle) -> list[str]:
    """Questions whose training is less than one SD of the reference short of full marks."""
    asked = {question.name: question for question in bundle.questions}
    found = [item for item in result.questions if item.name in asked]
    return [item.name for item in found if _is_grey(item, asked[item.name])]


def _is_grey(found: QuestionResult, question: Question) -> bool:
    spec, spread = question.training, question.spread
    if spec is None or spread is None or found.training is None or found.training.value is None:
        return False
    sign = -1 if spec.lower_is_better else 1
    missing = sign * (spec.full_marks_at - found.training.value)
    return 0 < missing <= spread.sd


def _list_seeds(result: Result) -> Iterator[int]:
    """Seeds of the trials made so far."""
    for question in result.questions:
        if question.training is not None:
            yield from (trial.seed for trial in question.training.trials)


def _note_trials(best: Result, runs: Sequence[Result], asked: Sequence[str]) -> Result:
    """`best` with the value of every run in the questions that were trained again."""
    questions = tuple(
        _add_trials(question, runs) if question.name in asked else question
        for question in best.questions
    )
    return best.model_copy(update={"questions": questions})


def _add_trials(question: QuestionResult, runs: Sequence[Result]) -> QuestionResult:
    if question.training is None:
        return question
    trials: dict[int, TrainingTrial] = {}
    for run in runs:
        for other in run.questions:
            if other.name == question.name and other.training is not None:
                trials.update({trial.seed: trial for trial in other.training.trials})
                seed = run.environment.seed
                trials[seed] = TrainingTrial(seed=seed, value=other.training.value)
    ordered = tuple(trials[seed] for seed in sorted(trials))
    training = question.training.model_copy(update={"trials": ordered})
    return question.model_copy(update={"training": training})


def carry_trials(graded: Graded, known: Result) -> Graded:
    """`graded`, scored again without training, with the trials of `known`."""
    old = {item.name: item.training for item in known.questions}
    questions = tuple(_carry(item, old.get(item.name)) for item in graded.result.questions)
    return replace(graded, result=graded.result.model_copy(update={"questions": questions}))


def _carry(question: QuestionResult, old: TrainingResult | None) -> QuestionResult:
    if question.training is None or old is None:
        return question
    training = question.training.model_copy(update={"trials": old.trials})
    return question.model_copy(update={"training": training})
