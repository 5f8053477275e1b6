"""Where a test's names come from: the grader's own side first, the student's kernel last."""

from __future__ import annotations

import importlib
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograder.grade.scorer.link import Ask
from autograder.grade.scorer.standins import Remote
from autograder.schema.bundle import BundleFolder, Question

NOT_FILLED = Ellipsis


class NotFilledError(Exception):
    """The name still holds the prompt's `...`."""


class Scope:
    """All that the tests of one submission may take names from.

    Attributes:
        trained_model: of the last training question, rebuilt; None before it.
        history: of its training.
    """

    def __init__(self, bundle: BundleFolder, ask: Ask) -> None:
        self.bundle = bundle.bundle
        self.folder = bundle
        self.remote = Remote(ask)
        self.trained_model: Any = None
        self.history: Any = None
        self._ask = ask

    def forget_kernel(self) -> None:
        """Drop everything that refers to a kernel that is gone."""
        self.remote = Remote(self._ask)
        self.trained_model = self.history = None

    def find_question(self, name: str) -> Question:
        """Question `name` of the bundle."""
        return next(question for question in self.bundle.questions if question.name == name)

    def load_group(self, name: str) -> dict[str, np.ndarray[Any, Any]]:
        """Arrays of group `name`, hidden or public, fresh for every caller."""
        hidden = self.folder.hidden / f"{name}.npz"
        path = hidden if hidden.exists() else self.folder.public / "data" / f"{name}.npz"
        return load_arrays(path)

    def find_public_name(self, name: str) -> Any:
        """What a public test's name is bound to.

        Raises:
            MissingNameError, NotFilledError, or what asking the kernel raises.
        """
        if name in self.bundle.imports:
            return import_name(self.bundle.imports[name])
        value = self.remote.get(name)
        if value is NOT_FILLED:
            raise NotFilledError(name)
        return value

    def find_hidden_name(self, name: str) -> Any:
        """What a hidden test's name is bound to: hidden groups and the trained model too."""
        if name in self.bundle.hidden_groups:
            return SimpleNamespace(**self.load_group(name))
        if name == "trained_model" and self.trained_model is not None:
            return self.trained_model
        if name == "history" and self.history is not None:
            return self.history
        return self.find_public_name(name)


@cache
def import_name(path: str) -> Any:
    """Object that the master imports, as `module` or `module:attribute`."""
    module_name, _, attribute = path.partition(":")
    module: Any = importlib.import_module(module_name)
    return getattr(module, attribute) if attribute else module


def load_arrays(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Arrays of an `.npz` file of ours."""
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def load_metrics(path: Path) -> dict[str, Any]:
    """Names that the assessment's `metrics.py` defines; staff's own code, run here only."""
    namespace: dict[str, Any] = {"__name__": "metrics"}
    exec(compile(path.read_text(encoding="utf-8"), "metrics.py", "exec"), namespace)  # noqa: S102
    return namespace


def describe_versions() -> dict[str, str]:
    """Versions of what scores."""
    import keras  # noqa: PLC0415 - loaded in the scorer already
    import tensorflow as tf  # noqa: PLC0415

    python = ".".join(map(str, sys.version_info[:3]))
    return {"tensorflow": tf.__version__, "keras": keras.__version__, "python": python}
