"""Makes the autograder image in three layers: a base, the packages, ourselves.

Each is known by a hash of what it is made from, and made only where the engine has none of that
hash: after a change of our code the rest is there already. Left out: pushing it to a registry.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.image.base import DEFAULT_BASE, find_base, find_python
from autograder.image.wheel import make_wheel
from autograder.image.wheelhouse import fill_wheelhouse, list_requirements, list_versions
from autograder.language import find_templates
from autograder.sandbox.engine import Engine, find_engine
from autograder.sandbox.image import (
    CODE_LABEL,
    INPUTS_LABEL,
    Image,
    find_image,
    hash_code,
    look_up_image,
    name_image,
)

PACKAGES_TAG = "keras-autograder-packages"
_BUILD_SECONDS = 1800
_HASH_LENGTH = 16
_LEFT_OUT = (  # by size: what no grading uses
    "tensorflow/include",
    "playwright",
    "clang",
    "pandas/tests",
    "pip",
    "pip-*.dist-info",
)
Tell = Callable[[str], None]


@dataclass(frozen=True)
class BuildOptions:
    """Options of `autograder image build`.

    Attributes:
        base: name of the base image, or `debian` to bootstrap one.
        tag: name of the image; this version's own where empty.
        engine: `podman` or `docker`; the first that answers where empty.
    """

    base: str = DEFAULT_BASE
    tag: str = ""
    engine: str = ""


@dataclass(frozen=True)
class Built:
    """What a build gave: `was_there` says that nothing had to be made."""

    image: Image
    engine: Engine
    was_there: bool


def build_image(options: BuildOptions, tell: Tell) -> Built:
    """The autograder image, made where it is not up to date; `tell` hears of every step.

    Raises:
        UnavailableError: if no engine answers.
        UsageError: if the base image cannot be had.
        GraderError: if a step fails; says what the engine or pip said.
    """
    engine = find_engine(options.engine)
    tell(f"base image {options.base}")
    base = find_base(engine, options.base)
    engine, python = find_python(engine, base)
    tag = name_image(options.tag)
    with tempfile.TemporaryDirectory(prefix="ag-image-") as folder:
        context = Path(folder)
        wheel = make_wheel(context)
        packages_text = _render("packages", base=base.id, python=python, left_out=_LEFT_OUT)
        packages_hash = _hash([packages_text, *list_requirements(), *list_versions()])
        packages = f"{PACKAGES_TAG}:{packages_hash}"
        values = {"packages": packages, "python": python, "wheel": wheel.name}
        inputs = _hash([_render("autograder", **values), wheel.read_bytes().hex()])
        labels = {INPUTS_LABEL: inputs, CODE_LABEL: hash_code()}
        there = look_up_image(engine, tag)
        if there is not None and there.inputs == inputs:
            return Built(there, engine, was_there=True)
        if look_up_image(engine, packages) is None:
            _build_packages(engine, packages, packages_text, python, tell)
        tell("the grader itself")
        text = _render("autograder", **values, labels=labels)
        _build(engine, tag, text, context)
    return Built(find_image(engine, tag), engine, was_there=False)


def _build_packages(engine: Engine, tag: str, text: str, python: str, tell: Tell) -> None:
    with tempfile.TemporaryDirectory(prefix="ag-packages-") as folder:
        wheels = Path(folder, "wheels")
        wheels.mkdir()
        tell("packages: downloading (0.5 GB)")
        fill_wheelhouse(wheels, python)
        tell("packages: installing and compiling (some minutes)")
        _build(engine, tag, text, Path(folder))


def _build(engine: Engine, tag: str, containerfile: str, context: Path) -> None:
    """Build one layer; its steps have no network.

    The engine's own cache is left out: Podman's does not notice that a mounted wheel has changed.
    """
    file = context / "Containerfile"
    file.write_text(containerfile, encoding="utf-8")
    limits = ["--ulimit", "nofile=1024:1024"] if engine.flavour == "podman" else []
    runtime = list(engine.runtime)  # an option of the engine's `build` as of its `run`
    arguments = ["build", *runtime, "--no-cache", "--network", "none", *limits, "--tag", tag]
    engine.run([*arguments, "--file", str(file), str(context)], seconds=_BUILD_SECONDS)


def _render(name: str, **values: object) -> str:
    """A Containerfile, without labels where it is to be hashed."""
    loader = FileSystemLoader(find_templates() / "image")
    environment = Environment(  # noqa: S701 - no page: a recipe, and its values are ours
        loader=loader, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    return environment.get_template(f"{name}.containerfile.j2").render({"labels": {}, **values})


def _hash(parts: list[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_HASH_LENGTH]
