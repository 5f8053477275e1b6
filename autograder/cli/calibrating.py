"""Calibrates assessments for `autograder calibrate`, and tells what was set and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from autograder import pipeline
from autograder.bulk.calibrating import check_calibration, find_fresh_seed, read_known
from autograder.bulk.campaign import Amount, plan_campaign
from autograder.calibrate.bounds import SHARE, count_runs
from autograder.calibrate.check import Checked
from autograder.calibrate.remarks import name_answer
from autograder.cli.console import console, count_progress, notes
from autograder.course import Course
from autograder.schema.calibration import (
    CALIBRATION_FILE,
    CALIBRATION_PICTURE,
    SOLUTION,
    Calibration,
    QuestionCalibration,
    Thresholds,
)
from autograder.services import Choice


@dataclass(frozen=True)
class CalibrateOptions:
    """Options of the command."""

    course: Path
    choice: Choice
    amount: Amount
    as_json: bool
    first_seed: int | None = None


def calibrate(assessment: str, options: CalibrateOptions) -> int:
    """Run the solution and references with many seeds; write thresholds and a drawing."""
    course, services = Course(options.course), options.choice.make()
    with notes.status(f"{assessment}: building a draft"):
        campaign = plan_campaign(course, assessment, options.amount)
    with count_progress(f"{assessment}: runs", campaign.total) as counter:
        calibration = pipeline.calibrate_assessment(course, campaign, services, counter.advance)
    if options.as_json:
        console.print_json(calibration.model_dump_json())
        return 0
    for question in calibration.questions:
        _tell_question(question)
    folder = options.course / "solutions" / assessment
    for name in (CALIBRATION_FILE, CALIBRATION_PICTURE):
        console.print(f"[green]✓[/] {folder / name}", soft_wrap=True, highlight=False)
    _tell_next(assessment, calibration)
    return 0


def check(assessment: str, options: CalibrateOptions) -> int:
    """Hold the calibration against fresh runs; exit code 1 where its promise is broken."""
    course, services = Course(options.course), options.choice.make()
    amount = options.amount
    fresh = find_fresh_seed(read_known(course, assessment))
    if options.first_seed is None:
        amount = replace(amount, first_seed=fresh)
    with notes.status(f"{assessment}: building a draft"):
        campaign = plan_campaign(course, assessment, amount)
    with count_progress(f"{assessment}: fresh runs", campaign.total) as counter:
        campaign.run(services, counter.advance)
    checked = check_calibration(course, campaign)
    if options.as_json:
        console.print_json(data=[_tell_as_json(item) for item in checked])
    else:
        for item in checked:
            _tell_checked(item)
    return 1 if any(item.is_broken or item.passed for item in checked) else 0


def _tell_as_json(item: Checked) -> dict[str, Any]:
    """One question: what is known of the solution at the top, of other right answers below it."""
    fields = asdict(item)
    solution, *others = fields.pop("answers")
    solution.pop("name")
    return {**fields, **solution, "others": others, "is_broken": item.is_broken}


def _tell_checked(item: Checked) -> None:
    for answer in item.answers:
        sign = "[red]✗[/]" if answer.is_broken else "[green]✓[/]"
        name = escape(name_answer(answer.name))
        console.print(
            f"{sign} {item.question}: {answer.missed} of {answer.runs} fresh runs of {name} miss "
            f"full marks: at most {answer.bound:.2%} (95 %); {item.promised:.1%} were promised",
            soft_wrap=True,
            highlight=False,
        )
    sign = "[red]✗[/]" if item.passed else "[green]✓[/]"
    names = ", ".join(f"{name} ({count})" for name, count in item.passed.items())
    console.print(
        f"{sign} {item.question}: {sum(item.passed.values())} of {item.wrong_runs} fresh runs of "
        f"wrong references get full marks{': ' + escape(names) if names else ''}",
        soft_wrap=True,
        highlight=False,
    )
    _tell_remarks(item.question, item.remarks)


def _tell_question(question: QuestionCalibration) -> None:
    table = Table(show_header=False, show_edge=False, title=question.name, title_justify="left")
    table.add_column(style="dim")
    table.add_column()
    for name, text in _list_findings(question):
        table.add_row(name, text)
    console.print(table)
    _tell_remarks(question.name, question.remarks)


def _tell_remarks(question: str, remarks: Sequence[str]) -> None:
    for remark in remarks:
        console.print(f"[yellow]•[/] {escape(f'{question}: {remark}')}", soft_wrap=True)


def _list_findings(question: QuestionCalibration) -> list[tuple[str, str]]:
    rows = []
    found, times = question.thresholds, question.times
    if found is not None:
        unsure = f"({_tell_unassumed(found)})"
        rows += [
            (
                SOLUTION,
                f"{question.metric_name} {found.mean:.4g} ± {found.sd:.2g} in {found.runs} runs",
            ),
            ("full marks at", f"{found.full_marks_at:.4g}{_name_rule(found)}"),
            ("false fails", f"at most {found.false_fail_rate:.1%} of right runs {unsure}"),
        ]
        if found.no_marks_below is not None and found.false_pass_rate is not None:
            text = f"{found.no_marks_below:.4g}, above {found.best_wrong}"
            rows.append(("no marks below", text))
            rows.append(("false passes", f"at most {found.false_pass_rate:.1%} of its runs"))
        if found.hidden_sd:
            text = f"{found.hidden_examples:,} hidden examples add an SD of {found.hidden_sd:.2g}"
            rows.append(("hidden data", text))
    upper = "" if times.most_limit is None else f" to {times.most_limit:g} s"
    text = f"{times.mean_seconds:.2f} s in the mean, {times.max_seconds:.2f} s at most"
    rows.append(("CPU time", f"{text}; a limit from {times.least_limit:g} s{upper}"))
    return rows


def _tell_unassumed(found: Thresholds) -> str:
    """The rate that holds however values are distributed, and what it takes to lower it."""
    text = f"{found.false_fail_rate_any:.1%} whatever the distribution"
    if found.false_fail_rate_any <= 1 - SHARE:
        return text
    return f"{text}; {count_runs(1 - SHARE)} runs of each right one would make that {1 - SHARE:.0%}"


def _name_rule(found: Thresholds) -> str:
    rule = "the least" if found.factor is None else f"mean - {found.factor:.3f} SD"
    return f" ({rule} of {found.weakest_right})"


def _tell_next(assessment: str, calibration: Calibration) -> None:
    names = ", ".join(item.name for item in calibration.questions)
    console.print(
        f"With `full_marks_at: auto`, `no_marks_below: auto` or `time_limit: 3.0x` in {names}, "
        f"`autograder assign {assessment}` takes these numbers.",
        soft_wrap=True,
        highlight=False,
    )
