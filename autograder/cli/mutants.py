"""Tries mutants for `autograder verify --mutants`, and tells which of them the tests let pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rich.markup import escape
from rich.table import Table

from autograder import pipeline
from autograder.cli.console import console, count_progress
from autograder.course import Course
from autograder.services import Services
from autograder.verify.mutants import Fate, Mutants, Trial, Tried, share_killed


@dataclass(frozen=True)
class MutantOptions:
    """Options of `--mutants`.

    Attributes:
        most: mutants of each assessment.
        least_killed: share of them, from 0 to 1, below which the exit code is 1; None for none.
    """

    most: int = 60
    least_killed: float | None = None

    @property
    def arguments(self) -> list[str]:
        """The same as a command line."""
        least = [] if self.least_killed is None else ["--least-killed", str(self.least_killed)]
        return ["--mutants", "--most", str(self.most), *least]

    def is_too_few(self, trial: Trial) -> bool:
        """Whether so few were killed that the exit code says so."""
        share = trial.killed_share
        return self.least_killed is not None and share is not None and share < self.least_killed


def run_trial(course: Course, assessment: str, services: Services, mutants: Mutants) -> Trial:
    """Grade the mutants of an assessment, with a progress bar."""
    bundle = course.find_bundle(assessment)
    with count_progress(f"{assessment}: mutants", len(mutants.sample.mutants)) as counter:
        return pipeline.try_mutants(
            bundle, mutants, services, lambda tried: counter.advance(tried.mutant.name)
        )


def make_row(trial: Trial) -> dict[str, Any]:
    """A trial for `--json`."""
    return {
        "killed_share": trial.killed_share,
        "left_out": dict(trial.left_out),
        "mutants": [_make_item(item) for item in trial.tried],
    }


def _make_item(item: Tried) -> dict[str, Any]:
    mutant = item.mutant
    return {
        "name": mutant.name,
        "question": mutant.question,
        "kind": mutant.kind,
        "place": mutant.place,
        "line": mutant.line,
        "before": mutant.before,
        "after": mutant.after,
        "fate": item.fate,
        "outcome": item.outcome,
        "score": item.score,
        "points": item.points,
        "killed_by": list(item.killed_by),
        "message": item.message,
        "allowed": mutant.allowed,
    }


def tell_trial(assessment: str, trial: Trial) -> None:
    """Write a table of the questions, and what survived where."""
    table = Table(title=f"{assessment}: mutants", title_justify="left", show_edge=False)
    for name in ("question", "tried", "killed", "survived", "allowed", "not graded", "left out"):
        table.add_column(name, justify="left" if name == "question" else "right")
    for name in trial.questions:
        table.add_row(name, *_count(trial.of_question(name)), str(trial.left_out.get(name, 0)))
    if len(trial.questions) > 1:
        table.add_section()
        table.add_row("all", *_count(trial.tried), str(sum(trial.left_out.values())))
    console.print(table)
    for item in trial.with_fate(Fate.SURVIVED):
        text = f"{item.mutant.where}: {item.mutant.change} earns full marks; {item.advice}"
        console.print(f"[yellow]•[/] {escape(text)}", soft_wrap=True, highlight=False)
    for item in trial.with_fate(Fate.NOT_GRADED):
        text = f"{item.mutant.where}: {item.mutant.change} was not graded: {item.message}"
        console.print(f"[magenta]•[/] {escape(text)}", soft_wrap=True, highlight=False)
    if trial.left_out:
        left = sum(trial.left_out.values())
        text = f"{assessment}: {left} mutants were left out; try more with `--most`"
        console.print(text, soft_wrap=True, highlight=False)


def _count(tried: Iterable[Tried]) -> tuple[str, ...]:
    """Cells of one row: how many were tried, killed with their share, and came to other fates."""
    items = list(tried)
    counts = {fate: sum(item.fate is fate for item in items) for fate in Fate}
    share = share_killed(items)
    killed = "–" if share is None else f"{counts[Fate.KILLED]} ({share:.0%})"
    others = (counts[fate] for fate in (Fate.SURVIVED, Fate.ALLOWED, Fate.NOT_GRADED))
    return str(len(items)), killed, *map(str, others)
