"""Walks through a submitted notebook: runs its cells, checks each question where it stands.

A question is checked at its `grader.check` cell, so that a name used again further down does not
spoil it; and once more at the end where it was not full and its names were defined anew since.
"""

from __future__ import annotations

import asyncio
from typing import Any

from autograder import notebook
from autograder.grade.checking import CellFailure, Checker, Findings
from autograder.grade.meter import Meter
from autograder.grade.plan import Step
from autograder.grade.session import KernelsSpentError, Session
from autograder.language import translate
from autograder.notebook import NotebookNode
from autograder.sandbox.base import CellRun
from autograder.sandbox.outputs import CUT_TEXT, is_cut_note, make_cut_note
from autograder.schema.outcome import Outcome
from autograder.schema.result import StudentError


class Walk:
    """Walks through a submission's cells, checking each question at its place.

    Args:
        executed: the submitted notebook; its cells get the outputs they give here.
        session: the student's kernel.
        checker: checks questions.
        findings: by question; filled in on the way.
        general: charged for cells that belong to no question.
        language: of the notes in the executed notebook.
    """

    def __init__(
        self,
        executed: NotebookNode,
        session: Session,
        checker: Checker,
        findings: dict[str, Findings],
        general: Meter,
        language: str = "en",
    ) -> None:
        self._cells = executed.cells
        self._session = session
        self._checker = checker
        self._findings = findings
        self._language = language
        self._general = general

    async def walk(self, steps: list[Step]) -> None:
        """Run every step, then check what no check cell stood for, then look again."""
        sources = tuple(step.source for step in steps)
        opening = asyncio.create_task(self._checker.open())
        try:
            for step in steps:
                if step.runs and not self._session.is_out_of_time:
                    await self._run(step, sources)
                if step.checks is not None:
                    await opening
                    await self._check(step.checks)
            await opening
            for name in self._findings:
                await self._check(name)
            await self._check_changed()
        except KernelsSpentError:
            return
        finally:
            if not opening.done():
                opening.cancel()
            elif not opening.cancelled():
                opening.exception()  # seen: what ended the walk is told

    async def _run(self, step: Step, sources: tuple[str, ...]) -> None:
        findings = self._findings.get(step.question or "")
        meter = findings.meter if findings else self._general
        if meter.is_used_up():
            return
        run = await self._session.run_cell(step.source, meter)
        if findings is not None:
            raised = isinstance(run, CellRun) and run.error is not None
            told = raised and any(failure.error for failure in findings.failures)
            later_cells = sources[step.number :] if raised and not told else ()  # for the first one
            findings.failures.append(_describe_run(step, run, later_cells))
        if isinstance(run, CellRun):
            cell = self._cells[step.index]
            cell["outputs"] = [self._make_output(output) for output in run.outputs]
            cell["execution_count"] = step.number

    def _make_output(self, output: dict[str, Any]) -> NotebookNode:
        if is_cut_note(output):
            output = make_cut_note(translate(self._language, CUT_TEXT))
        return notebook.make_output(output)

    async def _check(self, name: str) -> None:
        findings = self._findings[name]
        waits = findings.reached or findings.untouched or self._session.is_out_of_time
        if not waits:
            await self._checker.check(findings)

    async def _check_changed(self) -> None:
        """Check again what was not full and has been defined anew further down."""
        for name, findings in self._findings.items():
            if not findings.reached or self._session.is_out_of_time:
                continue
            if findings.question.isolation == "shared" or findings.meter.is_used_up():
                continue
            if findings.is_full() and not self._session.has_kernel:
                findings.rebound = True  # nobody can tell; not worth another kernel
                continue
            findings.rebound = await self._checker.has_changed(findings)
            if findings.rebound and not findings.is_full():
                again = Findings(
                    findings.question, findings.meter, failures=findings.failures, rebound=True
                )
                await self._checker.check(again)
                if _is_better(again, findings):
                    self._findings[name] = again


def _is_better(new: Findings, old: Findings) -> bool:
    def rank(findings: Findings) -> tuple[float, float]:
        passed = sum(
            case.points
            for case, verdict in zip(findings.question.test_cases, findings.cases, strict=False)
            if verdict.outcome is Outcome.PASSED
        )
        spec, verdict = findings.question.training, findings.training
        trained = spec.points * verdict.share if spec and verdict else 0.0
        return passed + trained, sum(v.outcome is Outcome.PASSED for v in findings.cases)

    return rank(new) > rank(old)


def _describe_run(step: Step, run: CellRun | Outcome, later_cells: tuple[str, ...]) -> CellFailure:
    if isinstance(run, Outcome):
        return CellFailure(step.number, step.source, stopped=run)
    if run.error is None:
        return CellFailure(step.number, step.source, stderr=run.stderr)
    error = StudentError(
        cell=step.number,
        name=run.error.name[:200],
        text=run.error.text[:8_000],
        traceback=run.error.traceback,
    )
    return CellFailure(step.number, step.source, later_cells, error=error, stderr=run.stderr)
