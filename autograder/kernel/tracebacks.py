"""The student's own exception as plain data: name, text, and the frames of their own code."""

from __future__ import annotations

import linecache
import traceback
from types import TracebackType
from typing import Any

from autograder.wire.requests import MAX_TRACEBACK

Shell = Any  # IPython's, which has no types
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


def install_brief_interrupt(shell: Shell) -> None:
    """Let an interrupted cell tell its own frames alone, at once.

    IPython parses the source of every frame: within Keras it takes two CPU seconds, in which a cell
    that was stopped at its limit looks like one that does not stop.
    """

    def show(
        shell: Shell,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
        **_: object,
    ) -> list[str]:
        lines = _format(error).split("\n")
        vars(error)["_render_traceback_"] = lambda: lines  # what IPython asks for first
        shell.showtraceback((kind, error, trace))
        return lines

    shell.set_custom_exc((KeyboardInterrupt,), show)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - a student's __str__ may raise anything
        return ""


def _format(error: BaseException) -> str:
    lines = ["Traceback (most recent call last):"]
    for frame in _own_frames(error.__traceback__):
        lines.append(f"  {_place(frame.filename)}, line {frame.lineno}, in {frame.name}")
        text = linecache.getline(frame.filename, frame.lineno or 0).strip()
        if text:
            lines.append(f"    {text}")
    lines.append(": ".join(part for part in (type(error).__name__, _text(error)) if part))
    return "\n".join(lines)


def _own_frames(trace: TracebackType | None) -> list[traceback.FrameSummary]:
    """Frames without ours; library frames stay out too, except the last one."""
    ours = f"/{_OUR_PACKAGE}/kernel/"
    frames = [
        frame for frame in traceback.extract_tb(trace, limit=-50) if ours not in frame.filename
    ]
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    return own or frames[-1:]


def _place(filename: str) -> str:
    """A notebook cell's file name is a temporary one that says nothing to a student."""
    return "Notebook" if "ipykernel_" in filename else f'File "{filename.rpartition("/")[2]}"'
