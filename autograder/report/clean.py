"""Text from strangers, made safe to look at: no escape codes, no invisible or turning characters.

Escaping for HTML is left to jinja2's autoescape, quoting for CSV to `grades`.
"""

from __future__ import annotations

import re
import unicodedata

_ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor moves
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)"  # titles, links and other strings
    r"|\x1b[ -/]*[0-~]"  # short ones
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_JOINERS = "\u200c\u200d"  # Persian words and joined emoji need them
_KERAS_AROUND = re.compile(
    r"\AException encountered when calling [^\n]*\n|\nArguments received by [^\n]*:\n[\s\S]*\Z"
)
_MOST_MESSAGE = 8_000  # characters
_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def clean_text(text: str) -> str:
    """Copy of `text` without terminal codes; what could turn or hide the rest is made visible.

    Every kind of line break becomes a newline; tabs stay; other control characters go.
    Bidirectional controls, tags and other invisible format characters are written out, as in
    `[U+202E]`; lone surrogates, which no file can hold, become U+FFFD.
    """
    text = _LINE_BREAKS.sub("\n", _ANSI.sub("", text))
    if text.isprintable():
        return text
    return "".join(map(_clean_character, text))


def find_cause(text: str) -> str:
    """What an exception's message says is wrong, cleaned, without what Keras says around it.

    That is the call it happened in and all its arguments, ten lines around the one that helps.
    """
    cleaned = clean_text(text[:_MOST_MESSAGE]).strip()
    return _KERAS_AROUND.sub("", cleaned).strip() or cleaned


def clip_text(text: str, *, lines: int = 60, characters: int = 8000) -> tuple[str, int]:
    """`text` cut to a bounded length, and how many lines were left out of its middle.

    The end of a traceback names the mistake, so the last lines are kept first; a line longer than
    300 characters is cut as well.
    """
    rows = [row if len(row) <= 300 else row[:299] + "…" for row in text.split("\n")]
    head = lines // 4
    kept = list(rows) if len(rows) <= lines else rows[:head] + rows[head - lines :]
    while len(kept) > 1 and sum(map(len, kept)) + len(kept) > characters:
        del kept[min(head, len(kept) // 2)]
    left_out = len(rows) - len(kept)
    if left_out:
        kept.insert(min(head, len(kept) // 2), "…")
    return "\n".join(kept), left_out


def shorten(text: str, limit: int) -> str:
    """First line of `text` in at most `limit` characters, with an ellipsis where it was cut."""
    line = clean_text(text[: 4 * limit]).strip().split("\n", 1)[0].strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _clean_character(character: str) -> str:
    if character in "\n\t" or character in _JOINERS or character.isprintable():
        return character
    category = unicodedata.category(character)
    if category == "Cc":
        return ""
    if category == "Cf":
        return f"[U+{ord(character):04X}]"
    return "\ufffd" if category == "Cs" else character
