"""Scores a submission again after its tests changed, with as little student code as can be.

Three ways, the cheapest that tells the truth: from kept verdicts alone; with the changed tests run
on kept values and rebuilt models (both `rescore`); with the student's code in a kernel again, its
trainings given back instead of repeated. Where what student code saw has changed, or what is kept
leaves a doubt, it is graded anew: the result is always the one that grading anew would give.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from autograder.errors import AutograderError, SubmissionError
from autograder.grade.agreement import takes_too_long, told_the_same
from autograder.grade.replay import NotKeptError
from autograder.grade.rescore import MustRunError, rescore_submission
from autograder.grade.retraining import carry_trials, grade_fairly, train_again
from autograder.grade.scorer.process import Scorers
from autograder.grade.speed import NO_TIMING, Timing
from autograder.grade.submission import Graded, grade_submission, read_plan
from autograder.grade.transcript import Transcript, keep_times, make_run_key
from autograder.sandbox.base import Sandbox
from autograder.schema.bundle import BundleFolder
from autograder.schema.result import QuestionResult, Result
from autograder.schema.submission import Submission


class Way(StrEnum):
    """How a submission was scored again."""

    KEPT = "kept"
    REPLAYED = "replayed"
    RESTORED = "restored"
    GRADED = "graded"


@dataclass(frozen=True)
class Regraded:
    """A new result, and the way to it."""

    graded: Graded
    way: Way


def regrade_submission(
    submission: Submission,
    known: Result,
    transcript: Transcript | None,
    bundle: BundleFolder,
    services: tuple[Sandbox, Scorers],
    timing: Timing = NO_TIMING,
) -> Regraded:
    """Score a submission again.

    Never raises for what student code does, nor for a failure of ours: both are in the result.

    Args:
        submission: as it was graded.
        known: its result under the earlier bundle.
        transcript: of that grading; None where none was kept.
        bundle: the changed one.
        services: sandbox and scorers.
        timing: how the seconds of what runs are measured.
    """
    sandbox, scorers = services
    seed = known.environment.seed

    def grade(one: int) -> Graded:
        return grade_submission(submission, bundle, sandbox, scorers, seed=one, timing=timing)

    def settle(graded: Graded, way: Way) -> Regraded:
        done = train_again(carry_trials(graded, known), bundle.bundle, grade)
        return Regraded(done, way if done.result.environment.seed == seed else Way.GRADED)

    language = None if transcript is None else _choose_language(submission, transcript, bundle)
    if transcript is not None and language is not None:
        try:
            graded, ran = rescore_submission(known, transcript, bundle, scorers, language)
            return settle(graded, Way.REPLAYED if ran else Way.KEPT)
        except NotKeptError:
            trains = False
        except MustRunError as needed:
            trains = needed.trains
        except (AutograderError, LookupError, ValueError):  # a scorer's failure; a damaged tape
            trains = True
        if transcript.fits is not None and not trains:
            fits = transcript.frame(transcript.fits)
            again = grade_submission(
                submission, bundle, sandbox, scorers, fits, seed=seed, timing=timing
            )
            if _is_faithful(again.transcript, transcript):
                return settle(_keep_times(again, known, transcript), Way.RESTORED)
    return Regraded(grade_fairly(submission, bundle, services, timing), Way.GRADED)


def _is_faithful(again: Transcript | None, kept: Transcript) -> bool:
    """Whether a run whose trainings were given back tells what one that trains would."""
    if again is None or takes_too_long(again, kept):
        return False
    return told_the_same(again, kept)


def _choose_language(
    submission: Submission, transcript: Transcript, bundle: BundleFolder
) -> str | None:
    """Language of the messages; None where student code would run otherwise than it did."""
    if transcript.run_key != make_run_key(bundle):
        return None
    try:
        plan_key, language = read_plan(submission, bundle)
    except SubmissionError:
        return None
    return language if plan_key == transcript.plan_key else None


def _keep_times(again: Graded, known: Result, kept: Transcript) -> Graded:
    """`again` with the times of then: what the student's code takes where it trains, too."""
    assert again.transcript is not None
    old = {question.name: question for question in known.questions}
    questions = tuple(
        _keep_question_times(question, old.get(question.name))
        for question in again.result.questions
    )
    times = {"cpu_seconds": known.cpu_seconds, "wall_seconds": known.wall_seconds}
    speed = {"speed": known.environment.speed}  # by which the times of then were turned
    environment = again.result.environment.model_copy(update=speed)
    update = {"questions": questions, "environment": environment, **times}
    result = again.result.model_copy(update=update)
    return replace(again, result=result, transcript=keep_times(kept, again.transcript))


def _keep_question_times(new: QuestionResult, old: QuestionResult | None) -> QuestionResult:
    if old is None:
        return new
    names = ("cpu_seconds", "wall_seconds", "reference_seconds")
    update: dict[str, object] = {name: getattr(old, name) for name in names}
    if new.training is not None and old.training is not None:
        update["training"] = new.training.model_copy(update={"seconds": old.training.seconds})
    return new.model_copy(update=update)
