"""Where submissions are graded: tools opened once per process of workers, and the jobs for them.

A site travels to other machines as it is, with the hidden bundle's files; jobs follow one by one.
What comes back was made by our own grader there, never by student code. Left out: who runs a site
(`executor`), and what becomes of results (`bulk`).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from autograder.grade.regrade import Regraded, regrade_submission
from autograder.grade.retraining import grade_fairly
from autograder.grade.scorer.process import LightScorers, Scorers
from autograder.grade.speed import Speedometer, Timing
from autograder.grade.submission import Graded, grade_submission
from autograder.grade.transcript import unpack_transcript
from autograder.plugins import load_plugin
from autograder.sandbox.base import Sandbox, SandboxOptions
from autograder.sandbox.walls import parse_minimum
from autograder.schema import BundleFolder, Result, Submission, read_bundle
from autograder.warmth.ancestor import Ancestor

R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True)
class Tools:
    """What a job is done with."""

    bundle: BundleFolder
    sandbox: Sandbox
    scorers: Scorers
    timing: Timing = field(default_factory=Timing)

    @contextmanager
    def switch(self, files: Mapping[str, bytes] | None) -> Iterator[Tools]:
        """The same with another bundle, such as a variant's, given by its files; None for this."""
        if files is None:
            yield self
            return
        with tempfile.TemporaryDirectory(prefix="ag-variant-") as folder:
            unpack_files(files, Path(folder))
            yield replace(self, bundle=read_bundle(Path(folder)))


class Job(Protocol[R_co]):
    """Something to do for one submission."""

    def run(self, tools: Tools) -> R_co:
        """Do it."""


@dataclass(frozen=True)
class GradeJob:
    """A submission to grade.

    Attributes:
        only: just these questions of it; all where none is named.
        files: of the bundle of its variant; None for the bundle of the site.
        seed: of a measurement: added to every seed of its kernel. It is run once, however near to
            full marks it comes, and its reference seconds are wanted, however little it takes. None
            grades as students are graded.
    """

    submission: Submission
    only: tuple[str, ...] = ()
    files: Mapping[str, bytes] | None = None
    seed: int | None = None

    def run(self, tools: Tools) -> Graded:
        """See `Job`."""
        with tools.switch(self.files) as own:
            bundle, services = own.bundle.select(self.only), (own.sandbox, own.scorers)
            if self.seed is None:
                return grade_fairly(self.submission, bundle, services, own.timing)
            timing = replace(own.timing, always=True)
            return grade_submission(
                self.submission, bundle, *services, seed=self.seed, timing=timing
            )


@dataclass(frozen=True)
class RegradeJob:
    """A submission to score again.

    Attributes:
        known: its result so far.
        transcript: of that grading, packed; None where none was kept.
        files: of the bundle of its variant; None for the bundle of the site.
    """

    submission: Submission
    known: Result
    transcript: bytes | None
    files: Mapping[str, bytes] | None = None

    def run(self, tools: Tools) -> Regraded:
        """See `Job`."""
        transcript = unpack_transcript(self.transcript) if self.transcript else None
        with tools.switch(self.files) as own:
            kept, services = (self.known, transcript), (own.sandbox, own.scorers)
            return regrade_submission(self.submission, *kept, own.bundle, services, own.timing)


@dataclass(frozen=True)
class GradingSite:
    """An assessment's bundle and what student code runs behind.

    Attributes:
        files: of the hidden bundle, by relative path.
        sandbox: its name; empty for the one that fits the machine.
        walls: what must hold around student code, comma-separated; None for the usual.
        ancestor: one that may be loading already, with the first use of Keras rehearsed: for
            trainings in one thread, on this machine; else it is closed. Whoever made it ends it.
    """

    files: dict[str, bytes]
    sandbox: str = ""
    walls: str | None = None
    ancestor: Ancestor | None = None

    @contextmanager
    def open(self, threads: int) -> Iterator[Callable[[Job[Any]], Any]]:
        """Start a sandbox and scorers; jobs are done with them until the context ends.

        Raises:
            UsageError: if there is no such sandbox or wall.
            SandboxError: if the sandbox cannot be opened.
        """
        minimum = parse_minimum(self.walls)
        with (
            tempfile.TemporaryDirectory(prefix="ag-bundle-") as folder,
            self._choose_ancestor(threads) as ancestor,
            closing(
                open_sandbox(self.sandbox, SandboxOptions(threads, minimum, ancestor))
            ) as sandbox,
            LightScorers() as light,
            Scorers(ancestor, light) as scorers,
            closing(Speedometer(sandbox)) as speedometer,
        ):
            unpack_files(self.files, Path(folder))
            bundle = read_bundle(Path(folder))
            tools = Tools(bundle, sandbox, scorers, Timing(speedometer))
            yield lambda job: job.run(tools)

    def _choose_ancestor(self, threads: int) -> AbstractContextManager[Ancestor]:
        if self.ancestor is not None and threads == 1:
            return nullcontext(self.ancestor)
        if self.ancestor is not None:  # too few gradings at a time for one thread each
            self.ancestor.close()
        return Ancestor(rehearses=threads == 1)


@dataclass(frozen=True)
class OpenSite:
    """Tools that are open already, and stay so: for work in this process."""

    tools: Tools

    @contextmanager
    def open(self, threads: int) -> Iterator[Callable[[Job[Any]], Any]]:  # noqa: ARG002 - decided
        """See `GradingSite`."""
        yield lambda job: job.run(self.tools)


def open_sandbox(name: str, options: SandboxOptions) -> Sandbox:
    """Sandbox by name; the empty name means the one that fits this machine.

    Raises:
        UsageError: if there is none of that name.
    """
    sandbox: Sandbox = load_plugin("sandboxes", name or choose_sandbox())(options=options)
    return sandbox


def choose_sandbox() -> str:
    """Name of the sandbox that fits this machine: `fork` on Linux, else `process`."""
    return "fork" if sys.platform == "linux" else "process"


def unpack_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write `files` below `folder`."""
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
