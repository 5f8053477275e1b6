"""Turns what went wrong in the kernel into a message that a student can act on.

What is recognised stands in `hints`, one table per theme. Left out: time and memory limits, and
what hidden tests found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.grade.hints import RULES
from autograder.grade.hints.rule import Failure, Rule, clean_output, clean_place
from autograder.grade.hints.silent import RULES as SILENT_RULES
from autograder.grade.hints.training import RULES as TRAINING_RULES
from autograder.grade.hints.training import Training
from autograder.language import translate


@dataclass(frozen=True)
class Diagnosis:
    """What happened and what to do about it, in the student's language."""

    message: str
    next_step: str


def diagnose_error(  # noqa: PLR0913  the parts of an error output, and where it happened
    language: str,
    *,
    name: str,
    text: str,
    traceback: str,
    source: str,
    cell: int | None,
    later_cells: Sequence[str] = (),
) -> Diagnosis:
    """Diagnosis of an exception in a student's cell or function; never None.

    Args:
        language: `ko` or `en`.
        name: class of the exception.
        text: its message; colour codes are dropped.
        traceback: searched for code where `source` is empty.
        source: of the cell that raised it, `""` for a call.
        cell: number of the code cell, from 1; None for a call from a check.
        later_cells: sources of the code cells after it, to recognise a stale kernel.
    """
    failure = Failure(
        name=name,
        text=clean_output(text),
        source=source or clean_output(traceback),
        later="\n".join(later_cells),
    )
    found = _find(RULES, failure)
    what, step = _word(language, *found) if found else _word_unknown(language, failure)
    return Diagnosis(_place(language, what, cell), step)


def diagnose_source(
    language: str, source: str, stderr: str, cell: int | None = None
) -> Diagnosis | None:
    """Diagnosis of a cell that raised nothing, from its code and what it wrote to stderr."""
    found = _find(SILENT_RULES, Failure("", clean_output(stderr), source))
    if found is None:
        return None
    what, step = _word(language, *found)
    return Diagnosis(_place(language, what, cell), step)


def diagnose_training(  # noqa: PLR0913  the facts about a training, each may be unknown
    language: str,
    *,
    history: Mapping[str, Sequence[float | None]],
    loss: str | None,
    last_activation: str | None,
    output_units: int | None,
    classes: int | None,
    from_logits: bool | None,
) -> Diagnosis | None:
    """Diagnosis of a training that ran but cannot have learned; None if nothing looks wrong.

    Args:
        language: `ko` or `en`.
        history: per epoch, what `fit` recorded; None and an empty list stand for NaN.
        loss: Keras' identifier or class name of the loss.
        last_activation: name of the last layer's activation.
        output_units: width of the last layer.
        classes: number of classes, None if the labels are no classes.
        from_logits: of the loss.
    """
    training = Training(history, loss, last_activation, output_units, classes, from_logits)
    for rule in TRAINING_RULES:
        if rule.applies(training):
            places = training.places
            return Diagnosis(
                translate(language, rule.message, **places),
                translate(language, rule.next_step, **places),
            )
    return None


def _find(rules: Sequence[Rule], failure: Failure) -> tuple[Rule, dict[str, str]] | None:
    for rule in rules:
        places = rule.match(failure)
        if places is not None:
            return rule, places
    return None


def _word(language: str, rule: Rule, places: dict[str, str]) -> tuple[str, str]:
    message = translate(language, rule.message, **places)
    return message, translate(language, rule.next_step, **places)


def _word_unknown(language: str, failure: Failure) -> tuple[str, str]:
    essence = _essence(failure.text)
    message = f"{failure.name}: {essence}" if essence else failure.name
    step = (
        "Read the last lines of the traceback: they name the line of your code. "
        "Restart the kernel and run all cells to see the same error."
    )
    return message, translate(language, step)


def _place(language: str, what: str, cell: int | None) -> str:
    if cell is None:
        return translate(language, "When your code was called: {what}", what=what)
    return translate(language, "Code cell {cell}: {what}", cell=cell, what=what)


def _essence(text: str) -> str:
    """The line of an exception's message that says what is wrong."""
    lines = [line for line in map(clean_place, text.splitlines()) if line]
    if len(lines) > 1 and lines[0].startswith("Exception encountered when calling"):
        return lines[1]
    if lines and lines[0].startswith("Graph execution error"):
        return lines[-1]
    return lines[0] if lines else ""
