"""The student's own exception as plain data: name, text, and the frames of their own code."""

from __future__ import annotations

import itertools
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

from IPython.core.error import UsageError

from autograder.wire.requests import MAX_TRACEBACK

Shell = Any  # IPython's, which has no types
_STANDARD_LIBRARY = f"{Path(traceback.__file__).parent}/"
_OUR_PACKAGE = __package__.split(".", maxsplit=1)[0]


def describe_exception(error: BaseException) -> dict[str, Any]:
    """Wire form of an exception: its class, the built-in classes it is one of, text, traceback."""
    builtin_names = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
    return {
        "name": type(error).__name__[:200],
        "builtins": builtin_names,
        "text": _text(error)[:MAX_TRACEBACK],
        "traceback": _format(error)[-MAX_TRACEBACK:],
    }


def install_own_tracebacks(shell: Shell) -> None:
    """Let a cell's exception tell the student's own frames, like one in a call.

    IPython would tell the library's and ours, too, and parses the source of each: within Keras it
    takes up to two CPU seconds of the student's, twice: for the reply, and for its history. A cell
    that was stopped at its limit would look like one that does not stop, and a second interrupt in
    that time would cost the reply.
    """

    def show(
        shell: Shell,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
        **_: object,
    ) -> list[str] | None:
        is_unread = isinstance(error, SyntaxError) and not _list_own(_list_frames(trace))
        if is_unread or isinstance(error, UsageError):  # of the cell itself; of a magic
            shell.showtraceback((kind, error, trace))
            return None
        lines = _format(error)[-MAX_TRACEBACK:].split("\n")
        vars(error)["_render_traceback_"] = lambda: lines  # what its history asks for first
        # `showtraceback` would print an exception group, and send no error of it.
        shell._showtraceback(kind, _text(error), lines)  # noqa: SLF001
        return lines

    shell.set_custom_exc((BaseException,), show)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - a student's __str__ may raise anything
        return ""


def _format(error: BaseException) -> str:
    lines = ["Traceback (most recent call last):"]
    frames = _list_frames(error.__traceback__)
    for frame, again in itertools.groupby(_list_own(frames) or frames[-1:]):
        lines.append(f"  {_place(frame.filename)}, line {frame.lineno}, in {frame.name}")
        if frame.line:
            lines.append(f"    {frame.line}")
        if len(list(again)) > 1:
            lines.append("  [Previous line repeated]")
    return "\n".join([*lines, *_name(error)])


def _name(error: BaseException) -> list[str]:
    """Its class and text; before them, where the code is that Python cannot read."""
    if isinstance(error, SyntaxError):
        match error.filename, error.lineno, error.text, error.msg:
            case str(name), int(number), str(line), str(text):
                place = f"  {_place(name)}, line {number}"
                return [place, f"    {line.strip()}", f"{type(error).__name__}: {text}"]
    return [": ".join(part for part in (type(error).__name__, _text(error)) if part)]


def _list_frames(trace: TracebackType | None) -> list[traceback.FrameSummary]:
    """The last frames, without ours."""
    ours = f"/{_OUR_PACKAGE}/kernel/"
    walk = traceback.walk_tb(trace)
    found = traceback.StackSummary.extract(walk, limit=-50, lookup_lines=False)
    return [frame for frame in found if ours not in frame.filename]


def _list_own(frames: list[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    """Those of the student's code: of no installed library, and not of Python's."""
    return [
        frame
        for frame in frames
        if "site-packages" not in frame.filename
        and not frame.filename.startswith((_STANDARD_LIBRARY, "<frozen "))
    ]


def _place(filename: str) -> str:
    """A notebook cell's file name is a temporary one that says nothing to a student."""
    return "Notebook" if "ipykernel_" in filename else f'File "{filename.rpartition("/")[2]}"'
