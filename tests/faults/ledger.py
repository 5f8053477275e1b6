"""Looks into a store after every grader's end, and says what was lost, doubled or scored wrongly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from autograder.store import FolderStore
from autograder.store.record import Grading
from autograder.store.sql import SqlStore


class Ledger:
    """One store, seen again and again.

    Attributes:
        harms: whatever must not be, in words that begin with `lost`, `doubled` or `wronged`.
        gradings: how many there were at the last look.
    """

    def __init__(self, open_store: Callable[[], SqlStore], truth: Mapping[str, float]) -> None:
        self.harms: list[str] = []
        self.gradings = 0
        self._open = open_store
        self._truth = truth
        self._seen: dict[str, set[int]] = {name: set() for name in truth}

    def look(self) -> None:
        """See that what was there is there, and what is there is true."""
        with self._open() as store:
            histories = {name: store.history(name) for name in self._truth}
        self.gradings = sum(map(len, histories.values()))
        for name, history in histories.items():
            gone = self._seen[name] - {one.id for one in history}
            self.harms += [f"lost: grading {number} of {name}" for number in gone]
            self._seen[name] |= {one.id for one in history}
            self._judge(name, history)

    def close(self, output: Path) -> None:
        """See that everybody has one result that counts, and people can look at it in `output`."""
        with self._open() as store:
            results = list(store.results())
        files = FolderStore(output)
        listed = Counter(result.submission for result in results)
        for name in self._truth:
            if listed[name] != 1:
                self.harms.append(f"{'doubled' if listed[name] else 'lost'}: {name} in results")
        for result in results:
            name = result.submission
            if result.score != self._truth.get(name):
                self.harms.append(f"wronged: {name} has {result.score} in the end")
            page = output / name / "feedback.html"
            if files.load(name) != result or not page.exists():
                self.harms.append(f"lost: {name} in the folder of results")

    def _judge(self, name: str, history: list[Grading]) -> None:
        graded = [one for one in history if one.result.outcome == "graded"]
        if len(graded) > 1 or sum(one.current for one in history) > 1:
            self.harms.append(f"doubled: {name} has {len(graded)} gradings with a score")
        for one in graded:
            if one.result.score != self._truth[name]:
                told = [(q.name, q.score, q.outcome.value) for q in one.result.questions]
                self.harms.append(f"wronged: {name} has {one.result.score}: {told}")
