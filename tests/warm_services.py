"""Services that all tests of a module share: starting a sandbox and scorers is what takes time."""

from contextlib import closing, contextmanager
from dataclasses import dataclass

from autograder.executor.inline import InlineExecutor
from autograder.grade.scorer.process import LightScorers, Scorers
from autograder.sandbox.base import SandboxOptions
from autograder.services import Choice, Services
from autograder.sites import OpenSite, Tools, open_sandbox
from autograder.warmth.ancestor import Ancestor


@contextmanager
def open_services(sandbox):
    """Services with one sandbox, called by name, and one crew of scorers."""
    with (
        Ancestor(rehearses=True) as ancestor,
        closing(open_sandbox(sandbox, SandboxOptions(ancestor=ancestor))) as opened,
        LightScorers() as light,
        Scorers(ancestor, light) as scorers,
    ):

        def make_site(bundle):
            return OpenSite(Tools(bundle, opened, scorers))

        yield Services(InlineExecutor(), make_site)


@dataclass(frozen=True)
class Chosen(Choice):
    """Services that were made already, where a command would make its own."""

    services: object = None

    def make(self):
        return self.services
