"""A store that forgets everything at the end: for tests and for trying things out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.schema import Result
from autograder.store.base import check_artifacts, check_name


class MemoryStore:
    """Keeps results in this process.

    Attributes:
        root: unused; every store is made from one.
        saved: all results of each submission, oldest first.
        artifacts: of the latest result of each submission.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = root
        self.saved: dict[str, list[Result]] = {}
        self.artifacts: dict[str, dict[str, bytes]] = {}

    def save(self, result: Result, artifacts: Mapping[str, bytes]) -> None:
        """See `Store`."""
        name = check_name(result.submission)
        check_artifacts(artifacts)
        self.artifacts[name] = dict(artifacts)
        self.saved.setdefault(name, []).append(result)

    def load(self, name: str) -> Result | None:
        """See `Store`."""
        saved = self.saved.get(check_name(name))
        return saved[-1] if saved else None

    def results(self) -> Iterator[Result]:
        """See `Store`."""
        return (self.saved[name][-1] for name in sorted(self.saved))
