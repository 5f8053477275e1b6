"""The line between scorer and kernel, and what is kept of it.

Everything that a test learns of a submission passes here as a frame. Kept, it lets a changed test
run again without the student's code. Requests are compared by what they mean: a reference to an
object of the kernel counts as the request that it came from, not as its number.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from autograder.grade.meter import Meter
from autograder.grade.session import Session
from autograder.wire.frame import Frame
from autograder.wire.values import KIND

TRAINING_SECTION = "training"
MAX_TAPE_BYTES = 128 * 2**20  # of one submission; beyond it nothing is kept


@dataclass(frozen=True)
class Exchange:
    """A request and what the kernel replied.

    Attributes:
        section: of the check, `training` or the name of a test case.
        request: digest of what was asked.
        cpu_seconds: that the kernel took; charged again when the reply is given again.
        acts: whether it may have changed what is asked later: a call that gave nothing, or of a
            method.
    """

    section: str
    request: str
    reply: Frame
    cpu_seconds: float
    wall_seconds: float
    acts: bool = False


class Tape(Protocol):
    """What a checker asks, whether a kernel answers or what is kept of one.

    Attributes:
        generation: counts kernels; what referred to an earlier one is void.
    """

    @property
    def generation(self) -> int:
        """See above."""

    def begin(self) -> list[Exchange]:
        """A new list, which the coming exchanges go to."""

    async def ask(self, request: Frame, meter: Meter, section: str) -> Frame:
        """Reply to `request`, charged to `meter`."""


class RecordingTape:
    """A kernel's answers, all of them kept.

    Attributes:
        complete: whether everything was kept; it is not where that would be too much.
    """

    def __init__(self, session: Session) -> None:
        self.complete = True
        self._session = session
        self._origins = Origins()
        self._generation = session.generation
        self._exchanges: list[Exchange] = []
        self._bytes = 0

    @property
    def generation(self) -> int:
        """See `Tape`."""
        return self._session.generation

    def begin(self) -> list[Exchange]:
        """See `Tape`."""
        self._exchanges = []
        return self._exchanges

    async def ask(self, request: Frame, meter: Meter, section: str) -> Frame:
        """See `Tape`. Nothing is kept where the section has no name."""
        cpu, start = meter.cpu_seconds, time.monotonic()
        reply = await self._session.ask(request, meter)
        if section and self.complete:
            self._keep(section, request, reply, (meter.cpu_seconds - cpu, start))
        return reply

    def _keep(
        self, section: str, request: Frame, reply: Frame, charge: tuple[float, float]
    ) -> None:
        if self._generation != self._session.generation:
            self._generation, self._origins = self._session.generation, Origins()
        self._bytes += reply.buffer_bytes
        if self._bytes > MAX_TAPE_BYTES:
            self.complete = False
            return
        digest = self._origins.digest(request)
        acts = self._origins.acts(request, reply)
        self._origins.learn(digest, reply)
        if request.head.get("op") == "attribute":
            self._origins.learn_attribute(reply)
        cpu, start = charge
        seconds = time.monotonic() - start
        self._exchanges.append(Exchange(section, digest, reply, cpu, seconds, acts))


class Origins:
    """Where each reference comes from, so that requests can be compared between two runs."""

    def __init__(self) -> None:
        self._origins: dict[int, str] = {}
        self._attributes: set[int] = set()

    def digest(self, request: Frame) -> str:
        """What `request` asks, whatever numbers its references have."""
        head = {key: value for key, value in request.head.items() if key != "free"}
        if type(head.get("ref")) is int:
            head["ref"] = self._name(head["ref"])
        text = json.dumps(self._replace(head), sort_keys=True, ensure_ascii=False)
        hashed = hashlib.sha256(text.encode("utf-8", "replace"))
        for buffer in request.buffers:
            hashed.update(hashlib.sha256(buffer).digest())
        return hashed.hexdigest()

    def learn(self, request: str, reply: Frame) -> None:
        """Note which references came in the reply to a request."""
        for number, ref in enumerate(_find_references(reply.head)):
            self._origins[ref] = f"{request}/{number}"

    def learn_attribute(self, reply: Frame) -> None:
        """Note which references are attributes of objects: methods, if they are called."""
        self._attributes.update(_find_references(reply.head))

    def acts(self, request: Frame, reply: Frame) -> bool:
        """See `Exchange`."""
        if request.head.get("op") != "call":
            return False
        return reply.head.get("value", "") is None or request.head.get("ref") in self._attributes

    def _name(self, ref: int) -> str:
        return self._origins.get(ref, str(ref))

    def _replace(self, form: Any) -> Any:
        if isinstance(form, list):
            return [self._replace(item) for item in form]
        if not isinstance(form, dict):
            return form
        if KIND in form and type(form.get("ref")) is int:
            return {**form, "ref": self._name(form["ref"])}
        return {key: self._replace(value) for key, value in form.items()}


def _find_references(form: Any) -> Iterator[int]:
    """Numbers of the references in a reply, in the order of its text."""
    stack = [form]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, dict):
            if KIND in item and type(item.get("ref")) is int:
                yield item["ref"]
            stack.extend(reversed(list(item.values())))
