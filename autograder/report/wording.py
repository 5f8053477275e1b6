"""Words, numbers and dates in the reader's language.

The sentences themselves stand where they are used; their Korean is in
`templates/locale/ko/report.po`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache

from babel.dates import format_date, format_time
from babel.numbers import NumberPattern, format_decimal, parse_pattern

from autograder.language import translate
from autograder.report.clean import clean_text, shorten
from autograder.schema import Outcome


@dataclass(frozen=True)
class Wording:
    """How to say things in `language`, times told in `zone` (None: the machine's)."""

    language: str
    zone: tzinfo | None = UTC

    def __call__(self, message: str, **values: object) -> str:
        """Translation of the English `message`, its places filled from `values`."""
        return translate(self.language, message, **values)

    def count(self, one: str, many: str, n: int) -> str:
        """`one` or `many`, as English needs, with `{n}` filled."""
        return self(one if n == 1 else many, n=self.number(n))

    def number(self, value: float | None, digits: int = 2) -> str:
        """`value` with at most `digits` decimals; a dash where there is no number."""
        if value is None or not math.isfinite(value):
            return "–"
        if abs(value) >= 1e9:
            return f"{value:.3g}"
        pattern = _read_pattern("#,##0." + "#" * digits if digits else "#,##0")
        return format_decimal(round(value, digits) + 0.0, format=pattern, locale=self.language)

    def measure(self, value: float | None, digits: int = 4) -> str:
        """`value` with about `digits` significant digits, for metrics of any size."""
        if value is None or not math.isfinite(value):
            return "–"
        size = math.floor(math.log10(abs(value))) if value else 0
        if size < -4:
            return f"{value:.2e}"
        return self.number(value, max(0, digits - 1 - size))

    def percent(self, share: float) -> str:
        """`share` of one, in whole percent."""
        return f"{round(100 * share)}%" if math.isfinite(share) else "–"

    def seconds(self, value: float) -> str:
        """A duration in seconds, short."""
        return self("{value} s", value=self.number(value, 1 if abs(value) < 100 else 0))

    def moment(self, value: datetime) -> str:
        """Date, time of day and zone."""
        local = value.astimezone(self.zone)
        day = format_date(local, "long", locale=self.language)
        time = format_time(local, "HH:mm", locale=self.language)
        return f"{day} {time} {local.tzname() or ''}".rstrip()

    def question(self, name: str, title: str) -> str:
        """Name and title of a question, as in `q3. Train the network`."""
        name, title = shorten(name, 40), shorten(title, 120)
        return f"{name}. {title}" if title and title != name else name


@cache
def _read_pattern(pattern: str) -> NumberPattern:
    """Parsing it is most of the work of writing a number."""
    return parse_pattern(pattern)


_OUTCOMES = {
    Outcome.PASSED: "Passed",
    Outcome.PARTIAL: "Partly passed",
    Outcome.FAILED: "Not passed",
    Outcome.ERROR: "Stopped by an error",
    Outcome.TIME_LIMIT: "Over the time limit",
    Outcome.MEMORY_LIMIT: "Out of memory",
    Outcome.NOT_REACHED: "Not run",
    Outcome.FORGED: "Not accepted",
    Outcome.GRADER_ERROR: "Grader failure",
}

_TONES = {
    Outcome.PASSED: "good",
    Outcome.PARTIAL: "warn",
    Outcome.NOT_REACHED: "calm",
    Outcome.GRADER_ERROR: "calm",
}


def name_outcome(wording: Wording, outcome: Outcome) -> str:
    """The outcome as a student reads it."""
    return wording(_OUTCOMES[outcome])


def find_tone(outcome: Outcome) -> str:
    """Colour family of the outcome's badge: `good`, `warn`, `bad` or `calm`."""
    return _TONES.get(outcome, "bad")


def split_code(text: str) -> list[tuple[bool, str]]:
    """`text` in pieces, each with whether it stood between backticks.

    Messages mark code as in "call `model.compile`"; an unpaired backtick stays as it is.
    """
    pieces = clean_text(text).split("`")
    if len(pieces) % 2 == 0:
        pieces[-2:] = ["`".join(pieces[-2:])]
    return [(bool(i % 2), piece) for i, piece in enumerate(pieces) if piece]
