"""What must be the same wherever one class is graded: our code, Python's and Keras' versions."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from autograder import __version__

_ALIKE = {
    "Keras": ("keras",),
    "TensorFlow": ("tensorflow", "tensorflow-cpu"),
    "distributed": ("distributed",),
}
_ON_SCHEDULER = ("autograder", "Python", "distributed")  # it grades nothing


def read_versions() -> dict[str, str]:
    """Versions of this process, by name; nothing heavy is imported for them."""
    minor = ".".join(platform.python_version_tuple()[:2])
    found = {name: _find_version(packages) for name, packages in _ALIKE.items()}
    return {"autograder": __version__, "Python": minor, **found}


def _find_version(packages: tuple[str, ...]) -> str:
    for package in packages:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return "none"


def compare_versions(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """What differs there, as `Keras 3.9.0 (here 3.10.0), …`; empty where nothing does."""
    differing = [name for name in here if there.get(name) != here[name]]
    return ", ".join(f"{name} {there.get(name)} (here {here[name]})" for name in differing)


def compare_with_scheduler(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """What differs there of that which a scheduler needs; empty where nothing does."""
    return compare_versions({name: here[name] for name in _ON_SCHEDULER}, there)
