"""The commands of instructors: build an assessment, verify its references."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from autograder import pipeline
from autograder.cli import mutants as trials
from autograder.cli import pools
from autograder.cli.console import console, count_progress, notes, write_score
from autograder.course import Course
from autograder.errors import AuthoringError, Problem
from autograder.services import Choice


def assign(
    ids: Sequence[str],
    course: Path,
    choice: Choice,
    variants: int | None = None,
    *,
    as_json: bool,
) -> int:
    """Build assessments, and their variants; every problem of all of them is listed at once.

    An assessment that has a pool of variants gets one of the same size, so that a corrected test
    holds for all of them.
    """
    problems: list[Problem] = []
    rows: list[dict[str, Any]] = []
    services = choice.make()
    for assessment in ids:
        try:
            with notes.status(f"{assessment}: building, and grading the master"):
                result = pipeline.assign_assessment(
                    Course(course), assessment, services, again=variants is None
                )
            pool = pools.build(Course(course), assessment, variants)
        except AuthoringError as error:
            problems += error.problems
            continue
        bundle = Course(course).find_bundle(assessment).bundle
        row = {"assessment": assessment, "points": bundle.points, "bundle": bundle.content}
        rows.append(row | pools.make_row(pool))
        if not as_json:
            _tell_built(course, assessment, bundle.points, result.wall_seconds if result else None)
            pools.tell_built(pool)
    if problems:
        raise AuthoringError(problems)
    if as_json:
        console.print_json(data=rows)
    return 0


def _tell_built(course: Path, assessment: str, points: float, seconds: float | None) -> None:
    how = "unchanged since" if seconds is None else f"in {seconds:.0f} s"
    console.print(
        f"[green]✓[/] {assessment}: master {points:g} / {points:g} {how}; "
        f"students get {course / 'assignments' / assessment}",
        soft_wrap=True,
        highlight=False,
    )


def verify(
    ids: Sequence[str],
    course: Path,
    choice: Choice,
    mutants: trials.MutantOptions | None = None,
    *,
    as_json: bool,
) -> int:
    """Grade references, and with `mutants` some of them.

    Exit code 1 where a label is wrong, a hidden test tests nothing, or too few mutants are killed.
    """
    here = Course(course)
    wrong = 0
    rows = []
    services = choice.make()
    for assessment in ids:
        total = len(pipeline.list_references(here, assessment))
        # Read before references are graded: what is wrong with them is told at once.
        chosen = pipeline.list_mutants(here, assessment, mutants.most) if mutants else None
        with count_progress(f"{assessment}: references", total) as counter:
            verified, untested = pipeline.verify_assessment(
                here, assessment, services, lambda item: counter.advance(item.reference.name)
            )
        wrong += sum(bool(item.complaints) for item in verified) + len(untested)
        rows.append(_as_row(assessment, verified, untested))
        if not as_json:
            _tell_verified(assessment, verified, untested)
        if mutants and chosen:
            trial = trials.run_trial(here, assessment, services, chosen)
            wrong += mutants.is_too_few(trial)
            rows[-1]["mutants"] = trials.make_row(trial)
            if not as_json:
                trials.tell_trial(assessment, trial)
    if as_json:
        console.print_json(data=rows)
    return 1 if wrong else 0


def _as_row(
    assessment: str, verified: Sequence[pipeline.Verified], untested: Sequence[str]
) -> dict[str, Any]:
    references = [
        {
            "name": item.reference.name,
            "expected": item.reference.expected,
            "score": item.result.score,
            "complaints": list(item.complaints),
            "result": item.result.model_dump(mode="json"),
        }
        for item in verified
    ]
    return {"assessment": assessment, "references": references, "untested": list(untested)}


def _tell_verified(
    assessment: str, verified: Sequence[pipeline.Verified], untested: Sequence[str]
) -> None:
    table = Table(title=assessment, title_justify="left", show_edge=False)
    for name in ("", "reference", "score", "below full marks"):
        table.add_column(name)
    for item in verified:
        below = [f"{q.name} {q.outcome}" for q in item.result.questions if q.score != q.points]
        table.add_row(
            "[red]✗[/]" if item.complaints else "[green]✓[/]",
            f"{item.reference.expected}/{escape(item.reference.name)}",
            write_score(item.result.score, item.result.points),
            ", ".join(below),
        )
    console.print(table)
    for item in verified:
        for complaint in item.complaints:
            place = f"{assessment}: reference/{item.reference.expected}/{item.reference.name}"
            console.print(f"[red]✗[/] {escape(place)}: {escape(complaint)}", soft_wrap=True)
    for case in untested:
        fix = "add a reference that fails it"
        text = f"{assessment}: hidden test {case} is failed by no wrong reference; {fix}"
        console.print(f"[red]✗[/] {text}", soft_wrap=True)
