"""Puts verdicts into words for students: what happened, why, and the next step.

What a hidden test found (`CaseVerdict.detail`) is worded for students only in public cases; of a
hidden case they read its `failure_message` and, where their own code raised, their own exception.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from autograder.grade.checking import Findings
from autograder.grade.diagnose import (
    Diagnosis,
    diagnose_error,
    diagnose_source,
    diagnose_training,
)
from autograder.grade.verdict import CaseVerdict, TrainingVerdict
from autograder.language import translate
from autograder.schema.bundle import TestCase, TrainingSpec
from autograder.schema.outcome import Outcome
from autograder.schema.result import StudentError

_MAX_HIDDEN_TEXT = 300
Translate = Callable[..., str]


def word_case(language: str, case: TestCase, verdict: CaseVerdict) -> str:
    """Message of one test case for the student."""
    say = partial(translate, language)
    if verdict.outcome is Outcome.PASSED:
        return case.success_message or ""
    if verdict.outcome is Outcome.GRADER_ERROR:
        return say("This check could not be run because of a fault of ours; it will be run again.")
    if verdict.reason == "stopped":
        return _word_stop(say, verdict.outcome)
    if verdict.reason == "student_error" and verdict.error is not None:
        text = verdict.error.text[: _MAX_HIDDEN_TEXT if case.hidden else None]
        own = say("Your code raised {name}: {text}", name=verdict.error.name, text=text)
        return f"{case.failure_message} ({own})" if case.failure_message else own
    if case.failure_message:
        return case.failure_message
    if verdict.reason in ("missing_name", "not_filled"):
        return say(_CASE_TEXTS[verdict.reason], detail=verdict.detail)
    if case.hidden:
        return say("A hidden check did not pass.")
    return say(_CASE_TEXTS.get(verdict.reason, "The check did not pass."), detail=verdict.detail)


_CASE_TEXTS = {
    "missing_name": "`{detail}` is not defined in the notebook.",
    "not_filled": "`{detail}` is not filled in yet.",
    "refused": "What your code gave cannot be checked: {detail}",
    "assertion": "The check did not pass: {detail}",
    "exception": "The check could not use what your code gave: {detail}",
    "output": "The check gave something else than expected:\n{detail}",
}


def _word_stop(say: Translate, outcome: Outcome) -> str:
    if outcome is Outcome.TIME_LIMIT:
        return say("Stopped: the time limit of the question was reached.")
    if outcome is Outcome.MEMORY_LIMIT:
        return say("Stopped: the memory limit was reached.")
    if outcome is Outcome.FORGED:
        return say("The reply of the notebook could not be read.")
    return say("Your code ended the kernel.")


def word_question(language: str, findings: Findings) -> tuple[Diagnosis, StudentError | None]:
    """What to tell about a question first, and the student's own error behind it."""
    say = partial(translate, language)
    for judge in (_judge_start, _judge_cells, _judge_training, _judge_calls, _judge_stops):
        found = judge(say, language, findings)
        if found is not None:
            return _add_stop(say, found[0], findings), found[1]
    return _add_stop(say, _summarize(say, findings.cases, findings.training), findings), None


def _add_stop(say: Translate, diagnosis: Diagnosis, findings: Findings) -> Diagnosis:
    """Say, too, that a model was evaluated before its training was over."""
    if findings.training is None or not findings.training.timed_out:
        return diagnosis
    note = say(
        "The training was stopped at the time limit of {limit} s; "
        "the model was evaluated as it was then.",
        limit=f"{findings.meter.limit_seconds:g}",
    )
    return replace(diagnosis, message=f"{diagnosis.message} {note}")


Found = tuple[Diagnosis, StudentError | None] | None


def _judge_start(say: Translate, _language: str, findings: Findings) -> Found:
    name = findings.question.name
    if findings.untouched:
        message = say("The answer to {name} is not filled in.", name=name)
        step = say(
            "Write your answer in the answer cell of {name}, run it, and submit again.", name=name
        )
        return Diagnosis(message, step), None
    if not findings.reached:
        message = say("The question was not reached: the notebook ended before it.")
        step = say("Mend what ended the notebook earlier; this question is checked then.")
        return Diagnosis(message, step), None
    return None


def _judge_cells(say: Translate, language: str, findings: Findings) -> Found:
    if findings.is_full():
        return None
    for failure in findings.failures:
        if failure.stopped is not None:
            return _word_stopped_cell(say, failure.number, failure.stopped, findings), None
        if failure.error is not None:
            diagnosis = diagnose_error(
                language,
                name=failure.error.name,
                text=failure.error.text,
                traceback=failure.error.traceback,
                source=failure.source,
                cell=failure.number,
                later_cells=failure.later_cells,
            )
            return diagnosis, failure.error
    for failure in findings.failures:  # cells that raised nothing and may have done nothing
        silent = diagnose_source(language, failure.source, failure.stderr, failure.number)
        if silent is not None:
            return silent, None
    return None


def _word_stopped_cell(
    say: Translate, number: int, outcome: Outcome, findings: Findings
) -> Diagnosis:
    limit = f"{findings.meter.limit_seconds:g}"
    if outcome is Outcome.TIME_LIMIT:
        return Diagnosis(
            say(
                "Code cell {cell} was stopped at the time limit of {limit} s.",
                cell=number,
                limit=limit,
            ),
            say(
                "Look for a loop that does not end, or reduce the work "
                "(fewer epochs, no call of `predict` in a loop)."
            ),
        )
    if outcome is Outcome.MEMORY_LIMIT:
        return Diagnosis(
            say("Code cell {cell} used more memory than allowed.", cell=number),
            say("Use smaller arrays or batches, and free what you no longer need."),
        )
    return Diagnosis(
        say("Code cell {cell} ended the kernel.", cell=number),
        say(
            "Remove calls such as `exit()` or `os._exit()`, and look for a crash in compiled code."
        ),
    )


def _judge_training(say: Translate, language: str, findings: Findings) -> Found:
    verdict, spec = findings.training, findings.question.training
    if verdict is None or spec is None or verdict.outcome is Outcome.PASSED:
        return None
    if verdict.error is not None:
        return _diagnose_call(language, verdict.error), verdict.error
    if verdict.outcome is Outcome.TIME_LIMIT:
        limit = f"{findings.meter.limit_seconds:g}"
        message = say("The training was stopped at the time limit of {limit} s.", limit=limit)
        step = say("Train with fewer epochs or a smaller model; call `fit` once.")
        return Diagnosis(message, step), None
    known = (
        None
        if verdict.reason in _PLAIN_REASONS
        else diagnose_training(
            language,
            history={
                name: [v for v in values if v is not None] if name else []
                for name, values in verdict.history.items()
            },
            loss=verdict.facts.loss,
            last_activation=verdict.facts.last_activation,
            output_units=verdict.facts.output_units,
            classes=verdict.facts.classes,
            from_logits=verdict.facts.from_logits,
        )
    )
    return (known or _word_training(say, verdict, spec)), None


def _word_training(say: Translate, verdict: TrainingVerdict, spec: TrainingSpec) -> Diagnosis:
    if verdict.reason == "below" and verdict.value is not None:
        message = say(
            "Your model reached {metric} {value} on the hidden data; "
            "full marks are given from {full}.",
            metric=spec.metric_name,
            value=f"{verdict.value:.3f}",
            full=f"{spec.full_marks_at:g}",
        )
        step = say(
            "Look at the learning curves: train longer if they still improve, "
            "and check that `preprocess` scales the data."
        )
        return Diagnosis(message, step)
    message, step = _TRAINING_TEXTS.get(verdict.reason, _TRAINING_TEXTS[""])
    return Diagnosis(say(message, detail=verdict.detail), say(step))


_PLAIN_REASONS = ("too_large", "uncountable", "missing_name", "no_model", "refused", "stopped")
_TRAINING_TEXTS = {
    "": (
        "The training could not be judged.",
        "Run the training in a fresh kernel and look at what it returns.",
    ),
    "missing_name": (
        "The training could not start: `{detail}` is not defined in the notebook.",
        "Define it in its answer cell, then restart the kernel and run all cells.",
    ),
    "refused": (
        "What the training gave cannot be checked: {detail}",
        "Return a Keras model and arrays of numbers.",
    ),
    "no_model": (
        "Instead of a Keras model there is something else ({detail}).",
        "Return the model at the end of `build_model`.",
    ),
    "too_large": (
        "The model has more parameters than allowed ({detail}).",
        "Use fewer units or filters; `model.count_params()` tells how many there are.",
    ),
    "uncountable": (
        "The parameters of the model cannot be counted: {detail}.",
        "Build the model from Keras' own layers only.",
    ),
    "shape": (
        "The predictions do not fit the data ({detail}).",
        "Predict one row per example; check `preprocess` and the last layer.",
    ),
    "not_finite": (
        "The model predicts values that are not finite (NaN or infinity).",
        "Use a smaller learning rate, and scale the inputs.",
    ),
    "stopped": (
        "Your code ended the kernel during the training.",
        "Look for a crash or a call of `exit()` in `train` and `build_model`.",
    ),
}


def _judge_calls(_say: Translate, language: str, findings: Findings) -> Found:
    for verdict in findings.cases:
        if verdict.error is not None:
            return _diagnose_call(language, verdict.error), verdict.error
    return None


def _diagnose_call(language: str, error: StudentError) -> Diagnosis:
    return diagnose_error(
        language,
        name=error.name,
        text=error.text,
        traceback=error.traceback,
        source="",
        cell=None,
    )


def _judge_stops(say: Translate, _language: str, findings: Findings) -> Found:
    for verdict in findings.cases:
        if verdict.outcome is Outcome.TIME_LIMIT:
            limit = f"{findings.meter.limit_seconds:g}"
            message = say(
                "A call of your code was stopped at the time limit of {limit} s.", limit=limit
            )
            step = say("Look for a loop that does not end.")
            return Diagnosis(message, step), None
        if verdict.reason == "stopped":
            step = say("Look for a crash or a call of `exit()` in the functions of this question.")
            return Diagnosis(_word_stop(say, verdict.outcome), step), None
        if verdict.outcome is Outcome.FORGED:
            message = say("The reply of the notebook could not be read.")
            return Diagnosis(
                message, say("Do not change the notebook's own kernel or messages.")
            ), None
    return None


def _summarize(
    say: Translate, cases: Sequence[CaseVerdict], training: TrainingVerdict | None
) -> Diagnosis:
    outcomes = [case.outcome for case in cases] + ([training.outcome] if training else [])
    passed = sum(outcome is Outcome.PASSED for outcome in outcomes)
    if passed == len(outcomes):
        return Diagnosis(say("All checks passed."), "")
    if any(outcome is Outcome.GRADER_ERROR for outcome in outcomes):
        return Diagnosis(say("A fault of ours; this question will be graded again."), "")
    message = say("{passed} of {total} checks passed.", passed=passed, total=len(outcomes))
    missing = next((case.detail for case in cases if case.reason == "missing_name"), None)
    if missing is not None:
        step = say(
            "Define `{name}` in the answer cell, restart the kernel and run all cells.",
            name=missing,
        )
        return Diagnosis(message, step)
    return Diagnosis(
        message, say("Read the checks below that did not pass, from the first one on.")
    )
