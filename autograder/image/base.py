"""The base image: from a registry, or bootstrapped from Debian packages where none is reachable."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from autograder.errors import GraderError, SandboxError, UsageError
from autograder.sandbox.engine import Engine, list_runtimes
from autograder.sandbox.image import Image, look_up_image

DEFAULT_BASE = "python:3.11-slim"
DEBIAN = "debian"
_PULL_SECONDS = 900
_BOOTSTRAP_SECONDS = 900
_PACKAGES = "python3,python3-venv"
_LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
_SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources")
_FALLBACK_SUITE = "bookworm"
_ASK_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"
_OLDEST = (3, 11)


def find_base(engine: Engine, base: str) -> Image:
    """The base image, pulled or bootstrapped where it is not there yet.

    Args:
        engine: the container engine.
        base: name of an image, or `debian`: bootstrapped with mmdebstrap, from this machine's
            own package sources.

    Raises:
        UsageError: if it cannot be had; says what would help.
    """
    if base == DEBIAN:
        return _find_debian(engine)
    found = look_up_image(engine, base)
    if found is None:
        try:
            engine.run(["pull", base], seconds=_PULL_SECONDS)
        except SandboxError as error:
            step = "where no image registry can be reached, use `--base debian`"
            raise UsageError(f"base image {base} cannot be had ({error}); {step}") from None
        found = look_up_image(engine, base)
    if found is None:
        raise UsageError(f"base image {base} was pulled and is not there; use its full name")
    return found


def _find_debian(engine: Engine) -> Image:
    suite = find_suite()
    tag = f"keras-autograder-debian:{suite}"
    found = look_up_image(engine, tag)
    if found is None:
        bootstrap_debian(engine, suite, tag)
        found = look_up_image(engine, tag)
    if found is None:
        raise GraderError(f"{engine.flavour} imported {tag} and does not have it")
    return found


def find_suite() -> str:
    """This machine's own release of Debian or Ubuntu; Debian 12 elsewhere."""
    path = Path("/etc/os-release")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    facts = dict(line.partition("=")[::2] for line in lines)
    is_debian = facts.get("ID", "").strip('"') in ("debian", "ubuntu")
    return facts.get("VERSION_CODENAME", _FALLBACK_SUITE) if is_debian else _FALLBACK_SUITE


def bootstrap_debian(engine: Engine, suite: str, tag: str) -> None:
    """Make a small Debian with Python, and import it as image `tag`.

    Raises:
        UsageError: if mmdebstrap is missing or fails.
    """
    if shutil.which("mmdebstrap") is None:
        raise UsageError("`--base debian` needs mmdebstrap; apt-get install mmdebstrap uidmap")
    with tempfile.TemporaryDirectory(prefix="ag-base-") as folder:
        archive = Path(folder, "base.tar")
        left_out = [f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT]
        sources = [path for path in _SOURCES if _names_sources(path)]
        command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={_PACKAGES}"]
        command.append("--dpkgopt=force-unsafe-io")  # a crash costs another run, not a system
        _run_bootstrap([*command, *left_out, suite, str(archive), *sources])
        engine.run(["import", str(archive), tag], seconds=_PULL_SECONDS)


def _names_sources(path: str) -> bool:
    file = Path(path)
    return file.exists() and ("deb " in file.read_text() or "URIs:" in file.read_text())


def _run_bootstrap(command: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=_BOOTSTRAP_SECONDS,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"mmdebstrap did not end within {_BOOTSTRAP_SECONDS} s") from None
    if done.returncode:
        said = " ".join(done.stderr.split())[-600:]
        raise UsageError(f"mmdebstrap failed: {said}")


def find_python(engine: Engine, base: Image) -> tuple[Engine, str]:
    """The engine with a runtime that works here, and the version of Python in `base` (`3.11`).

    Raises:
        UsageError: if no container of it can be started, or its Python is missing or too old.
    """
    limits = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096")
    options = ["--rm", "--network", "none", "--pull", "never", *limits]
    complaints = []
    for candidate in list_runtimes(engine):
        command = ["run", *candidate.runtime, *options, base.id, "python3", "-c", _ASK_VERSION]
        try:
            version = candidate.run(command).decode().strip()
        except SandboxError as error:
            complaints.append(str(error))
            continue
        if tuple(map(int, version.split("."))) < _OLDEST:
            raise UsageError(f"base image {base.tag} has Python {version}; 3.11 or later is needed")
        return candidate, version
    raise UsageError(f"base image {base.tag} does not run Python ({'; then '.join(complaints)})")
