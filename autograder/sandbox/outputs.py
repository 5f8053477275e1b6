"""Keeps the outputs of a submission's cells, within a bound, as a person would see them.

A progress bar draws over itself with carriage returns: only what stays visible is kept, and only
that counts, so a long training with `verbose=1` loses nothing. Left out: messages (`cells`).
"""

from __future__ import annotations

import re
from typing import Any

from autograder import notebook

Output = dict[str, Any]
CUT_MARK = {"autograder": {"cut": True}}  # metadata of the output that says that more was left out
CUT_TEXT = "… The rest of the output was left out: there was too much of it."
_OVERDRAWN = re.compile(r"[^\n]*\r(?=[^\n\r])")
_MERGED_CHARACTERS = 10_000  # a longer text is not copied for every piece that is added to it
_MESSAGE_BYTES = 200  # what an empty output costs
_STREAM = {"output_type": "stream"}
_MAX_DEPTH = 40
_UPDATES = 10  # what is drawn anew may come to so many times the bound, all drawings together


class OutputRoom:
    """Room for the outputs of one kernel's cells.

    Args:
        most_bytes: of all that is kept.

    Attributes:
        was_cut: whether something was left out of the present cell.
    """

    def __init__(self, most_bytes: int) -> None:
        self.was_cut = False
        self._left = most_bytes
        self._kept_back = 0
        self._updates_left = _UPDATES * most_bytes

    def open_cell(self) -> None:
        """Begin with the next cell: each may fill half of what is left, so all can show some."""
        self.was_cut = False
        free = self._left + self._kept_back
        self._kept_back = free // 2
        self._left = free - self._kept_back

    def take(self, content: object) -> bool:
        """Whether there is room for an output; it is used then."""
        return self._use(_MESSAGE_BYTES + measure_json(content))

    def take_update(self, content: object) -> bool:
        """Whether an output may be drawn anew."""
        self._updates_left -= _MESSAGE_BYTES + measure_json(content)
        self.was_cut |= self._updates_left < 0
        return self._updates_left >= 0

    def give_back(self, outputs: list[Output]) -> None:
        """Free the room of outputs that are cleared."""
        self._left += sum(_MESSAGE_BYTES + measure_json(output) for output in outputs)

    def add_text(self, outputs: list[Output], name: str, text: str) -> None:
        """Add what was written to a stream, as far as there is room."""
        last = outputs[-1] if outputs else {}
        merges = last.get("output_type") == "stream" and last.get("name") == name
        before, line = _split_last_line(last["text"]) if merges else ("", "")
        if merges and len(last["text"]) < _MERGED_CHARACTERS:
            before, line = "", last["text"]
        is_new = not merges or before != ""
        shown = draw_over(line + text)
        room = max(0, self._left + len(line) - is_new * _MESSAGE_BYTES)
        self.was_cut |= len(shown) > room
        shown = shown[:room]
        self._left += len(line) - len(shown) - bool(is_new and shown) * _MESSAGE_BYTES
        if merges:
            last["text"] = before if is_new else shown
        if is_new and shown:
            outputs.append(notebook.make_output({**_STREAM, "name": name, "text": shown}))

    def _use(self, size: int) -> bool:
        fits = size <= self._left
        self._left -= size if fits else 0
        self.was_cut |= not fits
        return fits


def draw_over(text: str) -> str:
    """`text` as it stands on a screen: what a carriage return led to be overwritten is gone."""
    return _OVERDRAWN.sub("", text) if "\r" in text else text


def join_streams(outputs: list[Output]) -> list[Output]:
    """`outputs` with neighbouring pieces of one stream as one."""
    joined: list[tuple[Output, list[str]]] = []
    for output in outputs:
        is_text = output.get("output_type") == "stream"
        last = joined[-1][0] if joined else {}
        if is_text and last.get("output_type") == "stream" and last["name"] == output["name"]:
            joined[-1][1].append(output["text"])
        else:
            joined.append((output, [output["text"]] if is_text else []))
    return [{**output, "text": "".join(texts)} if texts else output for output, texts in joined]


def make_cut_note(text: str = CUT_TEXT) -> Output:
    """Output that tells the reader that more was left out."""
    data = {"text/plain": text}
    return {"output_type": "display_data", "data": data, "metadata": dict(CUT_MARK)}


def is_cut_note(output: Output) -> bool:
    """Whether `output` is such a note."""
    return output.get("metadata") == CUT_MARK


def measure_json(value: object, depth: int = 0) -> int:
    """About as many bytes as `value` takes as JSON.

    Raises:
        ValueError: if it is nested so deeply that it could not be written again.
    """
    if depth > _MAX_DEPTH:
        raise ValueError("an output that is nested too deeply")
    if isinstance(value, dict):
        return sum(len(str(key)) + measure_json(item, depth + 1) for key, item in value.items())
    if isinstance(value, list):
        return sum(measure_json(item, depth + 1) for item in value)
    return len(value) if isinstance(value, str) else 8


def _split_last_line(text: str) -> tuple[str, str]:
    """`text` up to its last line, and that line, which may still be drawn over."""
    place = text.rfind("\n") + 1
    return (text, "") if len(text) - place > _MERGED_CHARACTERS else (text[:place], text[place:])
