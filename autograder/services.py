"""What work runs with, chosen by name: an executor, a site for a bundle, a store.

Nothing is open yet: sandboxes are opened where the work is done (`sites`), stores by who needs one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import UsageError
from autograder.executor import LOCAL
from autograder.executor.base import Executor, Site
from autograder.executor.memory import MemoryGate
from autograder.executor.spec import make_executor
from autograder.machine import count_cores
from autograder.plugins import list_plugins
from autograder.sandbox.walls import parse_minimum
from autograder.schema import BundleFolder, read_files
from autograder.sites import GradingSite, Job
from autograder.store import open_folder_store, open_sql_store

if TYPE_CHECKING:  # SQLAlchemy is loaded where a store is opened
    from autograder.store.sql import SqlStore
    from autograder.warmth.ancestor import Ancestor

MakeSite = Callable[[BundleFolder], Site[Job[Any], Any]]


@dataclass(frozen=True)
class Place:
    """Where results of all graders go.

    Attributes:
        store: URL of a database that graders share; empty for one beside the results.
        artifacts: where its artifacts are: a folder or a URL.
    """

    store: str = ""
    artifacts: str = ""

    def open_store(self, results: Path, assessment: str) -> SqlStore:
        """Store of an assessment: the shared one, or the one beside the folder `results`.

        Raises:
            GraderError: if it cannot be opened or written.
            UsageError: if a URL cannot be used, or a newer version of this package made it.
        """
        if not self.store:
            return open_folder_store(results, assessment)
        if not self.artifacts:
            raise UsageError("a shared store needs a place for artifacts, too: --artifacts FOLDER")
        return open_sql_store(self.store, self.artifacts, assessment)


@dataclass(frozen=True)
class Services:
    """What work runs with.

    Attributes:
        executor: does jobs, here or elsewhere.
        make_site: where the jobs of a bundle are done.
        place: where results go.
    """

    executor: Executor
    make_site: MakeSite
    place: Place = field(default_factory=Place)


@dataclass(frozen=True)
class Choice:
    """Services by name.

    Attributes:
        sandbox: empty for the one that fits the machine.
        executor: where work is done: `local`, `inline`, `dask://host:8786`.
        workers: jobs at a time; 0 for as many as fit.
        walls: what must hold around student code, comma-separated; None for the usual.
        place: where results go.
        memory_mib: how much all jobs may use together on this machine; 0 for what is available.
        measures: whether what the jobs take is measured: then no more than this machine's cores
            run at a time, unless `workers` says otherwise.
        ancestor: one that may be loading already; `GradingSite` says which.
    """

    sandbox: str = ""
    executor: str = LOCAL
    workers: int = 0
    walls: str | None = None
    place: Place = field(default_factory=Place)
    memory_mib: float = 0
    measures: bool = False
    ancestor: Ancestor | None = None

    def make(self) -> Services:
        """The services.

        Raises:
            UsageError: if one does not exist.
        """
        names = list_plugins("sandboxes")
        if self.sandbox and self.sandbox not in names:
            raise UsageError(
                f"there is no {self.sandbox!r} among the sandboxes: {', '.join(names)}"
            )
        parse_minimum(self.walls)

        def make_site(bundle: BundleFolder) -> GradingSite:
            files = read_files(bundle.folder)
            return GradingSite(files, self.sandbox, self.walls, self.ancestor)

        executor = make_executor(self.executor, self._count_workers(), self.memory_mib)
        return Services(executor, make_site, self.place)

    def _count_workers(self) -> int:
        if self.measures and self.executor == LOCAL:
            gate = MemoryGate(self.memory_mib)
            return self.workers or min(count_cores(), gate.count_gradings())
        return self.workers
