"""Where attacks take place, and the judge of what came of them.

An attack succeeds if it scores above the honest wrong answer, if the grader has no score for it,
if it says itself that it got through, or if anything that it must not touch was touched.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from autograder.course import Course
from autograder.executor.inline import InlineExecutor
from autograder.grade import checking, meter
from autograder.grade.scorer.process import Scorers
from autograder.grade.submission import Graded, grade_submission
from autograder.plugins import load_plugin
from autograder.report import write_submission_report
from autograder.sandbox.base import SandboxOptions
from autograder.schema import BundleFolder, Submission
from autograder.schema.assessment import VisibilityConfig
from autograder.services import Services
from autograder.sites import OpenSite, Tools
from autograder.warmth.ancestor import Ancestor
from tests.hostile import bundles, uploads
from tests.hostile.attack import Attack, make_notebook, make_prelude
from tests.hostile.canary import Canaries
from tests.hostile.neighbour import Neighbour
from tests.hostile.state import (
    MOST_GRADER_MIB,
    GraderMemory,
    adopted_orphans,
    list_changes,
    read_state,
)

MOST_SECONDS = 75.0
_SHORT_WAITS = (
    (meter, "_LEAST_WALL_SECONDS", 4.0),  # for code that only waits; half a minute in earnest
    (meter, "_GRACE_SECONDS", 1.0),
    (checking, "SCORER_SECONDS", 8.0),
)
_WORDS = re.compile(r"^(?:met|reached|found): .*$", re.MULTILINE)


@dataclass
class Trial:
    """What came of one attack.

    Attributes:
        met: what stopped it, as the attack itself saw it or as the verdict says.
        harms: why it counts as a success; empty otherwise.
    """

    attack: Attack
    score: float | None = None
    met: str = ""
    harms: list[str] = field(default_factory=list)
    seconds: float = 0.0
    extra_mib: float = 0.0


class Scene:
    """Bundles, canaries, a neighbour and a sandbox, for any number of attacks."""

    def __init__(self, sandbox: str, folder: Path) -> None:
        self._stack = ExitStack()
        self._warm: set[str] = set()
        self._stack.enter_context(adopted_orphans())
        self._temporary = folder / "t"
        self._temporary.mkdir()
        self.course = Course(folder)
        self.canaries = Canaries(folder, Path.home())
        self._stack.callback(self.canaries.close)
        self.bundles = bundles.write_bundles(folder, self.canaries.secrets["test"])
        for module, name, seconds in _SHORT_WAITS:
            self._stack.enter_context(patch.object(module, name, seconds))
        try:
            with self._own_temporary():
                self._open(sandbox)
        except BaseException:
            self.close()
            raise

    def _open(self, sandbox: str) -> None:
        ancestor = self._stack.enter_context(Ancestor(rehearses=True))
        options = SandboxOptions(ancestor=ancestor)
        make = load_plugin("sandboxes", sandbox)
        self.sandbox = self._stack.enter_context(closing(make(options=options)))
        self.scorers = self._stack.enter_context(Scorers(ancestor))
        self.grade_honest("q1")
        self.neighbour = Neighbour(self.sandbox, self.canaries.secrets["neighbour"])
        self._stack.callback(self.neighbour.close)

    def close(self) -> None:
        """End everything."""
        self._stack.close()

    @contextmanager
    def _own_temporary(self) -> Iterator[None]:
        with patch.object(tempfile, "tempdir", str(self._temporary)):
            yield

    @property
    def services(self) -> Services:
        """What the pipeline grades with."""
        return Services(InlineExecutor(), self._make_site)

    def _make_site(self, bundle: BundleFolder) -> OpenSite:
        return OpenSite(Tools(bundle, self.sandbox, self.scorers))

    @property
    def targets(self) -> dict[str, object]:
        """What attacks are told."""
        return {
            **self.canaries.targets,
            "bundle": str(self.bundles["q1"].folder),
            "neighbour": self.neighbour.folder,
            "temporary": str(self._temporary),
        }

    def grade(self, cells: Sequence[str], aim: str, name: str) -> Graded:
        """Grade cells as a submission."""
        content = make_notebook(cells, aim)
        submission = Submission(name=name, student=name, notebook=content)
        return grade_submission(submission, self.bundles[aim], self.sandbox, self.scorers)

    def grade_honest(self, aim: str) -> None:
        """An honest right answer earns full marks, whatever was graded before."""
        result = self.grade([bundles.RIGHT[aim]], aim, "honest").result
        if result.score != bundles.FULL_SCORE[aim]:
            raise AssertionError(f"an honest right answer got {result.score}: {result!r}"[:3000])
        self._warm.add(aim)

    def try_attack(self, attack: Attack, *, honest_after: bool = False) -> Trial:
        """Let `attack` happen, and look at everything."""
        trial = Trial(attack)
        with self._own_temporary():
            if attack.aim not in self._warm:
                self.grade_honest(attack.aim)
            before = read_state(self._temporary)
            start = time.monotonic()
            with GraderMemory(self.scorers) as memory:
                self._run(attack, trial)
                trial.extra_mib = memory.extra_mib
            trial.seconds = time.monotonic() - start
            if trial.seconds > MOST_SECONDS:
                trial.harms.append(f"the grader was busy for {trial.seconds:.0f} s")
            if trial.extra_mib > MOST_GRADER_MIB:
                trial.harms.append(f"the grader took {trial.extra_mib:.0f} MiB more")
            trial.harms += list_changes(before, self._temporary, self.canaries.mark)
            trial.harms += self.canaries.list_harms() + self.neighbour.list_harms()
            if honest_after:
                try:
                    self.grade_honest(attack.aim)
                except AssertionError as error:
                    trial.harms.append(f"the grading after it is affected: {error}"[:500])
        return trial

    def _run(self, attack: Attack, trial: Trial) -> None:
        if attack.make is not None:
            uploads.try_upload(self, attack, trial)
            return
        cells = [make_prelude(self.targets), *attack.cells]
        graded = self.grade(cells, attack.aim, attack.name)
        self.judge(graded, attack, trial)

    def judge(self, graded: Graded, attack: Attack, trial: Trial) -> None:
        """What the result of a kernel attack tells."""
        result = graded.result
        trial.score = result.score
        if result.outcome != "graded" or result.score is None:
            staff = result.staff_message or [
                case.staff_message for q in result.questions for case in q.test_cases
            ]
            trial.harms.append(f"no score: {staff}"[:600])
        elif result.score > bundles.HONEST_SCORE[attack.aim]:
            trial.harms.append(f"scored {result.score}")
        with tempfile.TemporaryDirectory() as folder:
            page = write_submission_report(
                Path(folder), result, visibility=VisibilityConfig()
            ).read_text()
        executed = graded.executed.decode(errors="replace")
        if len(executed) > 10 * bundles.LIMITS.output_bytes:
            trial.harms.append(f"{len(executed) / 1e6:.0f} MB of output were kept")
        words = list(dict.fromkeys(_WORDS.findall(_read_streams(executed))))
        trial.harms += [word[:200] for word in words if not word.startswith("met:")][:8]
        self._find_secrets(executed + page, result.model_dump_json(), trial)
        trial.met = _tell_met(words, graded)

    def _find_secrets(self, seen: str, result: str, trial: Trial) -> None:
        for kind, secret in self.canaries.secrets.items():
            if secret in seen or (kind != "test" and secret in result):
                trial.harms.append(f"it read the secret in {kind}")


def _read_streams(executed: str) -> str:
    """All that the cells printed."""
    cells = json.loads(executed)["cells"] if executed else []
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return "".join("".join(output.get("text", "")) + "\n" for output in outputs)


def _tell_met(words: Sequence[str], graded: Graded) -> str:
    """What stopped an attack: its own words where it has any, else the verdict on its question."""
    met = [word.removeprefix("met: ") for word in words if word.startswith("met:")]
    if met:
        reasons = [word.rpartition(": ")[2] or word for word in met]
        common = max(set(reasons), key=reasons.count)
        return f"{common} ({len(met)} tries)" if len(met) > 1 else met[0]
    question = next(iter(graded.result.questions), None)
    if question is None:
        return graded.result.message
    if question.error is not None:
        return f"{question.error.name}: {question.error.text}"
    cases = sorted(question.test_cases, key=lambda case: "training" not in case.name)
    told = [case.staff_message for case in cases if case.outcome != "passed" and case.staff_message]
    reason = " ".join(told[0].partition("\nat: ")[0].split("\n")[:2]) if told else question.message
    return f"{question.outcome}: {reason}"
