"""What a kernel is ended by that floods the grader."""

from __future__ import annotations

from autograder.sandbox.base import KernelDiedError


class OutputFloodError(KernelDiedError):
    """The kernel said more than any honest notebook does; the line to it is cut."""
