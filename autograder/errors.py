"""Every exception the package raises, named for who has to act.

    AutograderError
    ├── AuthoringError      staff: what they wrote cannot be published or used; lists every problem
    ├── SubmissionError     student: their upload cannot be read; shown to them in their language
    ├── UsageError          whoever typed the command: a wrong path, id or option
    └── GraderError         us: a failure of the grader; never costs a student anything
        ├── SandboxError    a kernel could not be started, or died when no student code was running
        │   ├── UnavailableError    this machine lacks what a sandbox needs (an engine, an image)
        │   ├── KernelLostError     something outside ended a kernel: another try may go well
        │   └── KernelStarvedError  the machine had no core for a kernel: what it took is void
        ├── AncestorLostError   what warm processes are forked from died: another try may go well
        ├── ScorerError     the scorer process failed or answered out of turn
        │   └── ScorerLostError     it died: another try may go well
        ├── KerasNeededError    a test asked for Keras in a light scorer: another kind can run it
        └── WireError       something that crossed the wall broke the protocol (see `wire`)
            └── ForgedError     ... in a way only student code can have caused: verdict `forged`

Student code that fails is an `Outcome` (see `schema.outcome`), never an exception.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class AutograderError(Exception):
    """Base of every exception of this package."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what staff wrote: where it is, what it is, and how to mend it.

    Attributes:
        where: file and place, such as `a01_digits.ipynb, cell 12 (q3)`.
        what: what is wrong, in a sentence without a full stop.
        fix: the next step, as an imperative without a full stop.
    """

    where: str
    what: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f"; {self.fix}" if self.fix else "")


class AuthoringError(AutograderError):
    """What staff wrote cannot be used. Carries every problem found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SubmissionError(AutograderError):
    """A student's upload cannot be read; the message is shown to the student."""


class UsageError(AutograderError):
    """A command was given a path, id or option that cannot be used."""


class GraderError(AutograderError):
    """The grader failed; the submission has no score and is graded again."""


class SandboxError(GraderError):
    """A kernel could not be started, or died when no student code was running."""


class UnavailableError(SandboxError):
    """This machine lacks what a sandbox needs; the message says what, and the next step."""


class KernelLostError(SandboxError):
    """Something outside ended a kernel, or may have; the same work may go well another time."""


class KernelStarvedError(SandboxError):
    """The machine had no core for a kernel for so long that the time it took says nothing."""


class AncestorLostError(GraderError):
    """No warm process can be forked; the same work may go well another time."""


class ScorerError(GraderError):
    """The scorer process failed or answered out of turn."""


class ScorerLostError(ScorerError):
    """The scorer process died; the same work may go well another time."""


class KerasNeededError(GraderError):
    """A test asked for Keras in a light scorer; what it did there is void."""


class WireError(GraderError):
    """A value cannot cross the wall, or what crossed it is not in the protocol's form."""


class ForgedError(WireError):
    """A reply broke the protocol in a way that only student code can have caused."""
