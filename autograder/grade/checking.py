"""Checks one question: orders its training and test cases from the scorer, collects verdicts."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import ScorerError, ScorerLostError, WireError
from autograder.grade.meter import Meter
from autograder.grade.plan import list_names
from autograder.grade.scorer.process import Scorer, Scorers, ScorerTimeoutError
from autograder.grade.tape import TRAINING_SECTION, Exchange, Tape
from autograder.grade.verdict import CaseVerdict, TrainingVerdict, Versions
from autograder.schema.bundle import Question, TestCase
from autograder.schema.outcome import Outcome
from autograder.schema.result import StudentError
from autograder.wire.frame import Frame
from autograder.wire.test_code import find_free_names, output_matches
from autograder.wire.values import Decoder

SCORER_SECONDS = 120.0  # for one silent step of the scorer, such as evaluating a rebuilt model
_GRACE_SECONDS = 10.0  # to read and evaluate a model whose training was stopped at its limit
_STOPS = (Outcome.TIME_LIMIT, Outcome.MEMORY_LIMIT, Outcome.FORGED)


@dataclass(frozen=True)
class CellFailure:
    """A cell of the student's that did not end well.

    Attributes:
        number: among the code cells, from 1.
        error: what it raised, or None where it was stopped or only complained on stderr.
        stopped: by what, or None.
        later_cells: sources of the code cells below it, where a missing name may be defined.
    """

    number: int
    source: str
    later_cells: tuple[str, ...] = ()
    error: StudentError | None = None
    stopped: Outcome | None = None
    stderr: str = ""


@dataclass
class Findings:
    """All that was found about one question.

    Attributes:
        meter: of its cells and calls.
        bindings: identity of what its tests' names were bound to.
        exchanges: what its tests asked of the kernel.
        rebound: whether a name of its tests was bound anew further down.
        cell_seconds: CPU and wall seconds of its cells, before any test.
    """

    question: Question
    meter: Meter
    untouched: bool = False
    reached: bool = False
    failures: list[CellFailure] = field(default_factory=list)
    training: TrainingVerdict | None = None
    cases: list[CaseVerdict] = field(default_factory=list)
    training_seconds: float | None = None
    bindings: dict[str, int] = field(default_factory=dict)
    rebound: bool = False
    exchanges: list[Exchange] = field(default_factory=list)
    cell_seconds: tuple[float, float] = (0.0, 0.0)

    @property
    def stopped(self) -> Outcome | None:
        """By what one of its cells was stopped, or None."""
        return next((item.stopped for item in self.failures if item.stopped in _STOPS), None)

    def is_full(self) -> bool:
        """Whether nothing failed."""
        verdicts: list[Any] = [*self.cases, *([self.training] if self.training else [])]
        return self.reached and all(item.outcome is Outcome.PASSED for item in verdicts)


class Checker:
    """Checks questions of one submission.

    Args:
        tape: asks the student's kernel, or what is kept of it.
        scorers: starts the scorer; one that failed is replaced for the next question.
        bundle: folder of the hidden bundle.

    Attributes:
        versions: of what scores; None before it has started, and where it is light.
    """

    def __init__(self, tape: Tape, scorers: Scorers, bundle: Path) -> None:
        self.versions: Versions | None = None
        self._tape = tape
        self._scorers = scorers
        self._bundle = bundle
        self._stack = AsyncExitStack()
        self._scorer: Scorer | None = None
        self._generation = 0

    async def close(self) -> None:
        """End the scorer."""
        await self._stack.aclose()

    async def open(self) -> None:
        """Start the scorer now, so that it is warm when the first question comes."""
        self._scorer = await self._stack.enter_async_context(self._scorers.open())
        order = {"do": "open", "bundle": str(self._bundle)}
        versions = await self._scorer.order(order, _refuse, SCORER_SECONDS)
        self.versions = Versions.model_validate(versions) if versions else None
        self._generation = self._tape.generation

    async def check(self, findings: Findings) -> None:
        """Run the training and the test cases of one question; fill in `findings`.

        Raises:
            ScorerLostError: if the scorer died; what it had under way is void.
        """
        question = findings.question
        findings.reached = True
        findings.cell_seconds = findings.meter.cpu_seconds, findings.meter.wall_seconds
        findings.exchanges = self._tape.begin()
        if question.training is not None and question.isolation == "separate":
            await self.run_training(findings)
        findings.cases = [
            await self.run_case(findings, number) for number in range(len(question.test_cases))
        ]
        if question.isolation == "separate":
            findings.bindings = await self._read_bindings(question)

    async def has_changed(self, findings: Findings) -> bool:
        """Whether a name that the question's tests use is bound to something else by now."""
        return await self._read_bindings(findings.question) != findings.bindings

    async def run_training(self, findings: Findings) -> None:
        """Run the training of a question; fill in its verdict and what it took."""
        before = findings.meter.cpu_seconds
        findings.training = await self._train(findings.question, findings.meter)
        findings.training_seconds = findings.meter.cpu_seconds - before

    async def restore_training(self, findings: Findings) -> TrainingVerdict:
        """Make a trained model known to the tests that follow, without measuring it."""
        return await self._train(findings.question, findings.meter, measure=False)

    async def _train(
        self, question: Question, meter: Meter, *, measure: bool = True
    ) -> TrainingVerdict:
        try:
            order = {"do": "training", "question": question.name, "measure": measure}
            evaluates = question.training is not None and question.training.on_timeout == "evaluate"
            grace = Meter(_GRACE_SECONDS) if evaluates else None
            found = await self._order(order, TRAINING_SECTION, meter, grace)
            verdict = TrainingVerdict.model_validate(found)
            timed_out = evaluates and verdict.value is not None and meter.is_used_up()
            return verdict.model_copy(update={"timed_out": timed_out})
        except ScorerTimeoutError:
            return TrainingVerdict(outcome=Outcome.TIME_LIMIT, reason="stopped")
        except ScorerLostError:
            raise
        except ScorerError as error:
            return TrainingVerdict(outcome=Outcome.GRADER_ERROR, staff_message=str(error))

    async def run_case(self, findings: Findings, number: int) -> CaseVerdict:
        """Verdict on test case `number`, from 0, of a question."""
        question = findings.question
        case = question.test_cases[number]
        if question.isolation == "shared":
            return await self._run_shared(case, findings)
        try:
            order = {"do": "case", "question": question.name, "case": number}
            return CaseVerdict.model_validate(await self._order(order, case.name, findings.meter))
        except ScorerLostError:
            raise
        except ScorerError as error:
            return CaseVerdict(outcome=Outcome.GRADER_ERROR, staff_message=str(error))

    async def _order(
        self, order: dict[str, Any], section: str, meter: Meter, grace: Meter | None = None
    ) -> dict[str, Any]:
        """Result of the scorer's order; calls are charged to `meter`, and after it to `grace`."""

        async def ask(request: Frame) -> Frame:
            charged = grace if grace is not None and meter.is_used_up() else meter
            return await self._tape.ask(request, charged, section)

        try:
            if self._scorer is None:
                await self.open()
            assert self._scorer is not None
            if self._generation != self._tape.generation:
                await self._scorer.order({"do": "forget"}, ask, SCORER_SECONDS)
                self._generation = self._tape.generation
            return await self._scorer.order(order, ask, SCORER_SECONDS)
        except BaseException:  # whatever it was in the middle of, it cannot go on
            self._scorer = None
            await self._stack.aclose()
            raise

    async def _read_bindings(self, question: Question) -> dict[str, int]:
        names = set(list_names(question))
        for case in question.test_cases:
            names.update(find_free_names(case.source))
        request = Frame({"op": "bindings", "names": sorted(names)})
        reply = await self._tape.ask(request, Meter(5.0), "")
        try:
            found = Decoder(reply, _no_other).decode(reply.head.get("value"))
        except WireError:
            return {}
        return found if isinstance(found, dict) else {}

    async def _run_shared(self, case: TestCase, findings: Findings) -> CaseVerdict:
        """Run a test in the student's kernel, as its author chose; its word is taken as it is."""
        head = {"op": "shared_test", "source": case.source, "style": case.style}
        reply = await self._tape.ask(Frame(head), findings.meter, case.name)
        if "stopped" in reply.head:
            return CaseVerdict(outcome=Outcome(reply.head["stopped"]), reason="stopped")
        printed = reply.head.get("value")
        if not isinstance(printed, str):
            error = reply.head.get("error")
            text = error.get("text") if isinstance(error, dict) else None
            return CaseVerdict(outcome=Outcome.FAILED, reason="assertion", detail=str(text or ""))
        passed = case.style != "ok" or output_matches(case.expected_output, printed)
        return CaseVerdict(outcome=Outcome.PASSED if passed else Outcome.FAILED)


async def _refuse(_request: Frame) -> Frame:
    return Frame({"refused": "the scorer asks nothing while it opens"})


def _no_other(form: dict[str, Any], _decoder: Decoder) -> object:
    raise WireError(f"{form!r} is not in the protocol")
