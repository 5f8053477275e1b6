"""What a rule is: how one kind of failure is recognised, and what is said about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_KEPT = 4_000
_MAX_PLACE = 200


@dataclass(frozen=True)
class Failure:
    """An exception in a student's code.

    Attributes:
        name: class of the exception.
        text: its message, without colours; the middle of a very long one left out.
        source: the code where it happened, or the traceback where only that is known.
        later: source of the code cells after it.
    """

    name: str
    text: str
    source: str = ""
    later: str = ""


@dataclass(frozen=True)
class Rule:
    """One idea about what went wrong.

    A rule applies where every condition holds that it has. Groups of the regular expressions fill
    the `{places}` of its texts.

    Attributes:
        message: what happened; English message id.
        next_step: what to do about it; English message id.
        names: classes of the exception; any if empty.
        text: searched in the exception's message.
        source: searched in the code, line by line; `{missing}` stands for that group of `text`.
        later: the same, in the code cells after it.
        places: values for the texts that need no searching.
    """

    message: str
    next_step: str
    names: tuple[str, ...] = ()
    text: str = ""
    source: str = ""
    later: str = ""
    places: Mapping[str, str] = field(default_factory=dict)

    def match(self, failure: Failure) -> dict[str, str] | None:
        """Values for the texts, or None where the rule does not apply."""
        if self.names and failure.name not in self.names:
            return None
        found = re.search(self.text, failure.text)
        if found is None:
            return None
        places = {**self.places, **_groups(found)}
        for pattern, code in ((self.source, failure.source), (self.later, failure.later)):
            filled = pattern.replace("{missing}", re.escape(places.get("missing", "")))
            searched = re.search(filled, code, re.MULTILINE)
            if searched is None:
                return None
            places.update(_groups(searched))
        return places


def clean_output(text: str) -> str:
    """`text` without colour codes; of a very long one the beginning and the end."""
    plain = _ANSI.sub("", text)
    return plain if len(plain) <= 2 * _KEPT else f"{plain[:_KEPT]} … {plain[-_KEPT:]}"


def _groups(found: re.Match[str]) -> dict[str, str]:
    return {name: clean_place(value) for name, value in found.groupdict().items() if value}


def clean_place(value: str) -> str:
    """`value` on one printable line, not longer than a sentence bears."""
    line = "".join(mark if mark.isprintable() else " " for mark in value).strip()
    line = line.replace("\\\\", "\\")  # a path as `repr` shows it
    return line if len(line) <= _MAX_PLACE else f"{line[:_MAX_PLACE]}…"
