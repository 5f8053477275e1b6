"""The items of one run, taken one at a time, until the last or until Ctrl-C.

A Ctrl-C must not tear what the caller is writing at that moment, nor throw away what is nearly
done. So the first one only ends the supply; the second interrupts as usual.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Generic, TypeVar

from autograder.executor.event import Event, Observe

T = TypeVar("T")


class Supply(Generic[T]):
    """Items that are not yet taken.

    Attributes:
        interrupted: whether there was a Ctrl-C.
        ended: whether there is nothing more to take.
    """

    def __init__(self, items: Iterable[T]) -> None:
        self.interrupted = False
        self.ended = False
        self._items = iter(items)
        self._error: Exception | None = None
        self._told = False

    def take(self) -> Iterator[T]:
        """The next item, or none."""
        if self.interrupted:
            self.ended = True
        if self.ended:
            return
        try:
            item = next(self._items)
        except StopIteration:
            self.ended = True
        except Exception as error:  # noqa: BLE001 - raised in `finish`, after what is under way
            self.ended = True
            self._error = error
        else:
            yield item

    def tell_interrupted(self, running: int, observe: Observe) -> None:
        """Say once after a Ctrl-C what is still waited for: `running` items."""
        if self.interrupted and running and not self._told:
            self._told = True
            note = f"Interrupted: finishing {running} under way; Ctrl-C again gives them up."
            observe(Event("waiting", note=note))

    def finish(self) -> None:
        """Say how the supply ended.

        Raises:
            KeyboardInterrupt: if it was by Ctrl-C.
            Exception: what the items themselves raised.
        """
        if self.interrupted:
            raise KeyboardInterrupt
        if self._error is not None:
            raise self._error


@contextmanager
def open_supply(items: Iterable[T]) -> Iterator[Supply[T]]:
    """Supply that the first Ctrl-C ends, where Ctrl-C would interrupt this thread."""
    supply = Supply(items)

    def end(number: int, frame: FrameType | None) -> None:
        if supply.interrupted:
            signal.default_int_handler(number, frame)
        supply.interrupted = True

    handler = signal.getsignal(signal.SIGINT)
    ours = threading.current_thread() is threading.main_thread()
    if not ours or handler is not signal.default_int_handler:
        yield supply
        return
    signal.signal(signal.SIGINT, end)
    try:
        yield supply
    finally:
        signal.signal(signal.SIGINT, handler)
