"""The scorer's line to the student's kernel: asks through the grader, trusts no reply."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from autograder.errors import ForgedError
from autograder.schema.outcome import Outcome
from autograder.schema.result import StudentError
from autograder.wire.frame import Frame

Ask = Callable[[Frame], Frame]
_MAX_TEXT = 8_000


class CallStopped(BaseException):
    """A call was stopped: time, memory, the kernel's end. No `except Exception` catches it."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.value)


class MissingNameError(Exception):
    """The notebook defines no such name."""


class RefusedError(Exception):
    """The student's value cannot cross the wall; the text says why."""


class StudentRaised(Exception):  # noqa: N818 - named for what happened
    """An exception of the student's code, as an exception here.

    Its class is made on the spot, so that it is also an instance of the built-in class: a test's
    `pytest.raises(ValueError)` works across the wall.
    """

    error: StudentError

    def __str__(self) -> str:
        return self.error.text


def make_student_exception(form: Any) -> StudentRaised:
    """Exception from its wire form.

    Raises:
        ForgedError: if the form is not one.
    """
    if not isinstance(form, dict) or not isinstance(form.get("name"), str):
        raise ForgedError("an exception of the kernel is not in the protocol's form")
    error = StudentError(
        name=form["name"][:200],
        text=str(form.get("text", ""))[:_MAX_TEXT],
        traceback=str(form.get("traceback", ""))[-_MAX_TEXT:],
    )
    bases = (StudentRaised, _builtin_class(form.get("builtins")))
    kind: Any = type(error.name, bases, {"error": error})
    raised: StudentRaised = kind.__new__(kind)  # its __init__ may want what we do not have
    return raised


def _builtin_class(names: Any) -> type[Exception]:
    for name in names if isinstance(names, list) else ():
        found = getattr(builtins, name, None) if isinstance(name, str) else None
        if isinstance(found, type) and issubclass(found, Exception) and found is not Exception:
            return found
    return RuntimeError


def read_reply(reply: Frame) -> Frame:
    """`reply` if it brings a value.

    Raises:
        CallStopped: if the grader stopped the call.
        MissingNameError: if there is no such name.
        RefusedError: if the value cannot cross.
        StudentRaised: if the student's code raised.
        ForgedError: if the reply is not in the protocol's form.
    """
    head = reply.head
    if "value" in head:
        return reply
    if "stopped" in head:
        raise CallStopped(Outcome(head["stopped"]))
    if "missing" in head:
        raise MissingNameError(str(head["missing"])[:200])
    if "refused" in head:
        raise RefusedError(str(head["refused"])[:500])
    if "error" in head:
        raise make_student_exception(head["error"])
    raise ForgedError("a reply of the kernel has neither value nor error")
