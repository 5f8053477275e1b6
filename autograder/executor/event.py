"""What an executor tells while it runs, for a live display.

Left out: the display itself (`cli`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

State: TypeAlias = Literal["started", "finished", "failed", "again", "waiting"]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Event:
    """Something happened to an item, or to all of them.

    Attributes:
        state: `started`, `finished` or `failed` (it came back as `Lost`), by `worker`; `again`:
            its worker is gone and it will be done elsewhere; `waiting`: nothing can go on, `note`
            says for what.
        worker: name of one place where items are done one after the other; a machine's name and
            process where there are several. From other machines the start of one item may be told
            just before the end of the last.
        item: the item itself.
        note: what people should know.
        at: when, in UTC.
    """

    state: State
    worker: str = ""
    item: Any = None
    note: str = ""
    at: datetime = field(default_factory=_now)


Observe: TypeAlias = Callable[[Event], None]


def log_waiting(event: Event) -> None:
    """Log what people should know, where there is no display."""
    if event.note:
        logging.getLogger("autograder.executor").warning("%s", event.note)
