"""Answers a scorer from what is kept of a kernel, as if the kernel were still there."""

from __future__ import annotations

from collections import defaultdict

from autograder.grade.meter import Meter
from autograder.grade.tape import Exchange, Origins
from autograder.grade.transcript import KeptQuestion, Transcript
from autograder.wire.frame import Frame


class NotKeptError(Exception):
    """A test asks for something new: only the student's code can tell."""


class ReplayTape:
    """The kept answers of one question; see `Tape`.

    An answer comes first from the section that asks, then from anywhere in the question, and the
    n-th time something is asked, the n-th answer comes: what changed between two calls then
    changes between two calls now. Nobody knows what would come after the last.

    Args:
        transcript: of the submission.
        question: whose answers may be given; a name may mean something else elsewhere.
    """

    generation = 1

    def __init__(self, transcript: Transcript, question: KeptQuestion) -> None:
        self._origins = Origins()
        self._own: defaultdict[tuple[str, str], list[Exchange]] = defaultdict(list)
        self._all: defaultdict[str, list[Exchange]] = defaultdict(list)
        self._asked: defaultdict[tuple[str, str], int] = defaultdict(int)
        for kept in question.exchanges:
            exchange = Exchange(**{**dict(kept), "reply": transcript.frame(kept.reply)})
            self._own[exchange.section, exchange.request].append(exchange)
            self._all[exchange.request].append(exchange)

    def begin(self) -> list[Exchange]:
        """See `Tape`: nothing is kept anew."""
        return []

    async def ask(self, request: Frame, meter: Meter, section: str) -> Frame:
        """See `Tape`.

        Raises:
            NotKeptError: if nothing like it was asked then.
        """
        digest = self._origins.digest(request)
        exchange = self._find(section, digest)
        meter.cpu_seconds += exchange.cpu_seconds
        meter.wall_seconds += exchange.wall_seconds
        self._origins.learn(digest, exchange.reply)
        return exchange.reply

    def _find(self, section: str, digest: str) -> Exchange:
        place = section, digest
        found = self._own.get(place) or self._all.get(digest, [])
        number = self._asked[place]
        self._asked[place] += 1
        if number >= len(found):
            raise NotKeptError(section)
        return found[number]
