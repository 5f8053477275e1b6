"""What is kept of a grading so that it can be scored again: the transcript, as one artifact.

It holds, per question, how its cells ran, every verdict, and every value, model and history that
its tests got from the kernel; besides, what each `fit` left. Arrays are kept once, however often
they came. Left out: the notebooks themselves, and the scoring (`regrade`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from autograder.errors import WireError
from autograder.grade.checking import CellFailure, Findings
from autograder.grade.tape import Exchange
from autograder.grade.verdict import CaseVerdict, TrainingVerdict
from autograder.schema.base import Value
from autograder.schema.bundle import Bundle, BundleFolder, Question, TestCase, TrainingSpec
from autograder.wire.frame import Buffer, Frame, pack_frame, unpack_frame

TRANSCRIPT_FILE = "transcript.bin"
Version = Literal[2]


class KeptFrame(Value):
    """A frame whose buffers are numbers of the transcript's own."""

    head: dict[str, Any]
    buffers: tuple[int, ...] = ()


class KeptExchange(Value):
    """See `tape.Exchange`."""

    section: str
    request: str
    reply: KeptFrame
    cpu_seconds: float
    wall_seconds: float
    acts: bool = False


class KeptCase(Value):
    """A verdict, and of which test case: `key` is a digest of what the case does."""

    name: str
    key: str
    verdict: CaseVerdict


class KeptTraining(Value):
    """A verdict, and of which training: `key` is a digest of all but thresholds and points."""

    key: str
    verdict: TrainingVerdict
    seconds: float | None = None


class KeptQuestion(Value):
    """All that was found about one question; see `checking.Findings`.

    Attributes:
        key: digest of the question without what it only says.
    """

    name: str
    key: str
    rebound: bool
    untouched: bool
    reached: bool
    isolation: str
    limit_seconds: float
    cell_cpu_seconds: float
    cell_wall_seconds: float
    cpu_seconds: float
    wall_seconds: float
    failures: tuple[CellFailure, ...] = ()
    training: KeptTraining | None = None
    cases: tuple[KeptCase, ...] = ()
    exchanges: tuple[KeptExchange, ...] = ()


class Transcript(Value):
    """One grading, kept.

    Attributes:
        run_key: digest of all in the bundle that student code saw or was limited by.
        plan_key: digest of how the notebook was gone through.
        scope_key: digest of what tests may use beside the student's values: imports, hidden data.
        general_limit_seconds: for cells that belong to no question, which took
            `general_cpu_seconds`.
        speed: reference seconds per CPU second of the machine; 1 where it was not measured.
        fits: what each `fit` left, as the kernel told it; None where that is not known.
    """

    version: Version = 2
    run_key: str
    plan_key: str
    scope_key: str
    general_limit_seconds: float
    general_cpu_seconds: float
    speed: float = 1.0
    questions: tuple[KeptQuestion, ...] = ()
    fits: KeptFrame | None = None
    buffers: tuple[bytes, ...] = ()

    def frame(self, kept: KeptFrame) -> Frame:
        """The frame that was kept."""
        return Frame(kept.head, tuple(self.buffers[number] for number in kept.buffers))


class _Buffers:
    """Numbers distinct buffers."""

    def __init__(self) -> None:
        self.all: list[bytes] = []
        self._numbers: dict[bytes, int] = {}

    def keep(self, frame: Frame) -> KeptFrame:
        return KeptFrame(head=frame.head, buffers=tuple(map(self._number, frame.buffers)))

    def _number(self, buffer: Buffer) -> int:
        content = bytes(buffer)
        key = hashlib.sha256(content).digest()
        if key not in self._numbers:
            self._numbers[key] = len(self.all)
            self.all.append(content)
        return self._numbers[key]


def make_transcript(
    findings: Sequence[Findings],
    bundle: BundleFolder,
    fits: Frame | None,
    **details: Any,
) -> Transcript:
    """Transcript of a grading that was just made.

    Args:
        findings: of every question.
        bundle: that it was graded with.
        fits: reply of the kernel that tells what each `fit` left.
        details: `plan_key` and the seconds of cells that belong to no question.
    """
    buffers = _Buffers()
    questions = tuple(_keep_question(item, bundle, buffers) for item in findings)
    return Transcript(
        run_key=make_run_key(bundle),
        scope_key=make_scope_key(bundle),
        questions=questions,
        fits=buffers.keep(fits) if fits is not None else None,
        buffers=tuple(buffers.all),
        **details,
    )


def _keep_question(findings: Findings, bundle: BundleFolder, buffers: _Buffers) -> KeptQuestion:
    question = findings.question
    cell_cpu, cell_wall = findings.cell_seconds
    cases = zip(question.test_cases, findings.cases, strict=False)
    return KeptQuestion(
        name=question.name,
        key=make_question_key(question),
        rebound=findings.rebound,
        untouched=findings.untouched,
        reached=findings.reached,
        isolation=question.isolation,
        limit_seconds=findings.meter.limit_seconds,
        cell_cpu_seconds=cell_cpu if findings.reached else findings.meter.cpu_seconds,
        cell_wall_seconds=cell_wall if findings.reached else findings.meter.wall_seconds,
        cpu_seconds=findings.meter.cpu_seconds,
        wall_seconds=findings.meter.wall_seconds,
        failures=tuple(findings.failures),
        training=_keep_training(findings, bundle.bundle),
        cases=tuple(_keep_case(case, verdict) for case, verdict in cases),
        exchanges=tuple(_keep_exchange(item, buffers) for item in findings.exchanges),
    )


def _keep_case(case: TestCase, verdict: CaseVerdict) -> KeptCase:
    return KeptCase(name=case.name, key=make_case_key(case), verdict=verdict)


def _keep_training(findings: Findings, bundle: Bundle) -> KeptTraining | None:
    spec, verdict = findings.question.training, findings.training
    if spec is None or verdict is None:
        return None
    key = make_training_key(spec, bundle)
    return KeptTraining(key=key, verdict=verdict, seconds=findings.training_seconds)


def _keep_exchange(item: Exchange, buffers: _Buffers) -> KeptExchange:
    return KeptExchange(**{**vars(item), "reply": buffers.keep(item.reply)})


def renew_question(kept: KeptQuestion, findings: Findings, bundle: Bundle) -> KeptQuestion:
    """A kept question with the verdicts of now."""
    cases = zip(findings.question.test_cases, findings.cases, strict=False)
    update = {
        "key": make_question_key(findings.question),
        "limit_seconds": findings.question.time_limit_seconds,
        "training": _keep_training(findings, bundle),
        "cases": tuple(_keep_case(case, verdict) for case, verdict in cases),
    }
    return kept.model_copy(update=update)


def keep_times(kept: Transcript, again: Transcript) -> Transcript:
    """`again` with the times of `kept`: what the student's code takes where it trains, too."""
    known = {question.name: question for question in kept.questions}
    questions = tuple(_keep_times(known.get(item.name), item) for item in again.questions)
    return again.model_copy(update={"questions": questions, "speed": kept.speed})


def _keep_times(kept: KeptQuestion | None, again: KeptQuestion) -> KeptQuestion:
    if kept is None:
        return again
    names = ("cell_cpu_seconds", "cell_wall_seconds", "cpu_seconds", "wall_seconds")
    update: dict[str, Any] = {name: getattr(kept, name) for name in names}
    if kept.training is not None and again.training is not None:
        seconds = {"seconds": kept.training.seconds}
        update["training"] = again.training.model_copy(update=seconds)
    return again.model_copy(update=update)


def make_question_key(question: Question) -> str:
    """Digest of all that decides what a question earns; what it says does not count."""
    said = {"success_message", "failure_message"}
    left_out: Any = {"title": True, "test_cases": {"__all__": said}}
    return _digest(question.model_dump(mode="json", exclude=left_out))


def make_case_key(case: TestCase) -> str:
    """Digest of what a test case does; what it is worth and says does not count."""
    return _digest(case.style, case.source, case.expected_output, case.hidden)


def make_training_key(spec: TrainingSpec, bundle: Bundle) -> str:
    """Digest of how a training is run and measured; thresholds and points do not count."""
    free = {"full_marks_at", "no_marks_below", "points", "lower_is_better"}
    return _digest(bundle.assessment, spec.model_dump(exclude=free))


def make_run_key(bundle: BundleFolder) -> str:
    """Digest of what decides how student code runs: given files, limits, what training calls.

    Released cells do not count: what runs is what the student submitted, and which of its cells
    run, `Transcript.plan_key` says.
    """
    plain = bundle.bundle
    questions = [_name_run(question) for question in plain.questions]
    limits = plain.config.limits.model_dump()
    return _digest(limits, questions, _hash_folder(bundle.public))


def _name_run(question: Question) -> list[object]:
    spec = question.training
    own = None if spec is None else (spec.model, spec.build, spec.train, spec.data, spec.seed)
    return [question.name, question.manual, question.isolation, own]


def make_scope_key(bundle: BundleFolder) -> str:
    """Digest of what tests may use beside the student's values."""
    metrics = bundle.folder / "metrics.py"
    own = metrics.read_text(encoding="utf-8") if metrics.exists() else ""
    plain = bundle.bundle
    return _digest(plain.imports, plain.hidden_groups, _hash_folder(bundle.hidden), own)


def _hash_folder(folder: Path) -> list[tuple[str, str]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(path.relative_to(folder).as_posix(), _hash_file(path)) for path in files]


def _hash_file(path: Path) -> str:
    status = path.stat()
    return _hash_content(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4_096)
def _hash_content(path: Path, _changed: int, _size: int) -> str:
    """Digest of a file's content; asked for with every submission."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(*parts: object) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def pack_transcript(transcript: Transcript) -> bytes:
    """Bytes of a transcript; none where it is over the wire's bounds, and so not kept."""
    head = transcript.model_dump(mode="json", exclude={"buffers"})
    try:
        return pack_frame(Frame(head, transcript.buffers))
    except WireError:
        return b""


def unpack_transcript(content: bytes) -> Transcript | None:
    """Transcript from its bytes; None where they are damaged, or of another version."""
    try:
        frame = unpack_frame(content)
        return Transcript(**frame.head, buffers=tuple(map(bytes, frame.buffers)))
    except (WireError, ValueError, TypeError):
        return None
