"""The executor's seam: does one piece of work for many items, here or on other machines.

Which failures are values and which are exceptions: an item that cannot be done (its work raised,
or three workers died of it) comes back as `Lost`, and the others go on. A site that cannot be
opened, items that cannot be read and a cluster that stays away are exceptions, raised after
everything that was under way came back. The fake that ships is `InlineExecutor`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from autograder.errors import GraderError
from autograder.executor.event import Observe, State, log_waiting

T = TypeVar("T")
R = TypeVar("R")
Item_contra = TypeVar("Item_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)


@dataclass(frozen=True)
class Lost:
    """An item that could not be done.

    Attributes:
        reason: why, for staff.
    """

    reason: str


Finished: TypeAlias = R | Lost


class Site(Protocol[Item_contra, Result_co]):
    """Where work is done: opened once per process of workers, then called for many items.

    It must pickle: it travels to other machines, once to each process.
    """

    def open(self, threads: int) -> AbstractContextManager[Callable[[Item_contra], Result_co]]:
        """The work itself, called from several threads at once until the context ends.

        Args:
            threads: how many threads one item may compute with, so that those side by side on a
                machine share its cores.
        """


class Executor(Protocol):
    """Does the work of a site for items."""

    @property
    def workers(self) -> int:
        """How many items at a time, as far as it is known."""

    def run(
        self, site: Site[T, R], items: Iterable[T], observe: Observe = log_waiting
    ) -> Iterator[tuple[T, Finished[R]]]:
        """Each item with what the site's work gave for it, once, in the order they finish.

        Items are taken as they are needed. The first Ctrl-C takes no more of them, lets what was
        begun come back, and is raised at the end; the second is raised at once.

        Args:
            site: where the work is done.
            items: what to do; each comes back as the very object that it was.
            observe: told what goes on, in the caller's thread.
        """


def need_done(finished: Finished[R]) -> R:
    """What was done.

    Raises:
        GraderError: if it could not be.
    """
    if isinstance(finished, Lost):
        raise GraderError(finished.reason)
    return finished


def name_end(finished: Finished[R]) -> State:
    """The state in which an item ended, for an `Event`."""
    return "failed" if isinstance(finished, Lost) else "finished"


def attempt(work: Callable[[T], R], item: T) -> Finished[R]:
    """What `work` gives for `item`, or why it could not be done."""
    try:
        return work(item)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - one item must not stop the others
        return Lost(f"{type(error).__name__}: {error}")
