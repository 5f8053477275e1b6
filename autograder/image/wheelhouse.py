"""Downloads what the image needs as wheels, outside of it, as this machine's pip is configured.

The versions are those installed here: the image grades with what was tried here.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from importlib.metadata import distributions, requires
from pathlib import Path

from autograder.errors import GraderError
from autograder.image.wheel import DISTRIBUTION

_DOWNLOAD_SECONDS = 1800
_LAST_LINES = 6


def list_requirements() -> list[str]:
    """What this package needs, without its extras."""
    return sorted(item for item in requires(DISTRIBUTION) or () if "extra ==" not in item)


def list_versions() -> list[str]:
    """`name==version` of everything installed here but ourselves: the constraints of the image."""
    found = {item.name.lower(): item.version for item in distributions() if item.name}
    return sorted(f"{name}=={version}" for name, version in found.items() if name != DISTRIBUTION)


def fill_wheelhouse(folder: Path, python: str) -> None:
    """Put a wheel of everything that the image needs into `folder`.

    Args:
        folder: where they go.
        python: version of the image's Python, such as `3.11`.

    Raises:
        GraderError: if pip fails; says what it said.
    """
    constraints, wanted = folder / "constraints.txt", folder / "requirements.txt"
    constraints.write_text("\n".join(list_versions()), encoding="utf-8")
    wanted.write_text("\n".join(list_requirements()), encoding="utf-8")
    files = ["--constraint", str(constraints), "--requirement", str(wanted)]
    command = [sys.executable, "-m", "pip", *_choose_command(folder, python), *files, "--quiet"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_DOWNLOAD_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise GraderError(f"pip did not end within {_DOWNLOAD_SECONDS} s") from None
    if done.returncode:
        said = " ".join(done.stderr.strip().splitlines()[-_LAST_LINES:])
        raise GraderError(f"pip could not get the packages of the image: {said}")


def _choose_command(folder: Path, python: str) -> list[str]:
    """Wheels made here serve the same Python only; for another one they have to exist."""
    own = ".".join(platform.python_version_tuple()[:2])
    if python == own:
        return ["wheel", "--wheel-dir", str(folder)]
    choice = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", python]
    return ["download", "--dest", str(folder), *choice]
