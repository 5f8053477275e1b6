"""Finds the autograder image: its name, and which one is there. Left out: making it (`image`)."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import autograder
from autograder.errors import SandboxError, UnavailableError
from autograder.language import find_templates
from autograder.sandbox.engine import Engine

DEFAULT_TAG = f"keras-autograder:{autograder.__version__}"
IMAGE_VARIABLE = "AUTOGRADER_IMAGE"
INSIDE_VARIABLE = "AUTOGRADER_INSIDE_IMAGE"
INPUTS_LABEL, CODE_LABEL = "autograder.inputs", "autograder.code"
_BUILD = "make it with `autograder image build`"
_HASH_LENGTH = 16
_SKIPPED = ("__pycache__", ".pyc")
_SHORT = 19  # `sha256:` and twelve digits


@dataclass(frozen=True)
class Image:
    """An image that an engine has.

    Attributes:
        tag: the name it was found by.
        id: hash of its content and settings, `sha256:…`.
        size_bytes: of all its layers.
        inputs: hash of what it was made from; empty where that is not known.
        code: hash of the grader's own files in it; likewise.
    """

    tag: str
    id: str
    size_bytes: int
    inputs: str = ""
    code: str = ""

    @property
    def short_id(self) -> str:
        """The beginning of its id, for people."""
        return self.id[:_SHORT]


def name_image(tag: str = "") -> str:
    """`tag`, or what the environment variable `AUTOGRADER_IMAGE` says, or this version's name."""
    return tag or os.environ.get(IMAGE_VARIABLE, "") or DEFAULT_TAG


def look_up_image(engine: Engine, tag: str) -> Image | None:
    """The image `tag`, or None where the engine has none of that name."""
    try:
        answer = engine.run(["image", "inspect", tag])
    except SandboxError:
        return None
    found = json.loads(answer)[0]
    labels = (found.get("Config") or {}).get("Labels") or {}
    number = str(found["Id"]).removeprefix("sha256:")
    hashes = [str(labels.get(label, "")) for label in (INPUTS_LABEL, CODE_LABEL)]
    return Image(tag, f"sha256:{number}", int(found["Size"]), *hashes)


def find_image(engine: Engine, tag: str = "") -> Image:
    """The autograder image with the same code as this process: both ends have to agree.

    Raises:
        UnavailableError: if the engine has none; says how to make it.
    """
    name = name_image(tag)
    image = look_up_image(engine, name)
    if image is None:
        raise UnavailableError(f"{engine.flavour} has no image {name}; {_BUILD}")
    if image.code != hash_code():
        raise UnavailableError(f"image {name} holds another version of the grader; {_BUILD}")
    return image


def list_package_files() -> dict[str, bytes]:
    """Content of every file of this package, its templates included, by path in a wheel of it."""
    files = _read_tree(Path(autograder.__file__).parent, "autograder")
    return {**files, **_read_tree(find_templates(), "autograder/templates")}


def _read_tree(folder: Path, prefix: str) -> dict[str, bytes]:
    return {
        f"{prefix}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.endswith(_SKIPPED) for part in path.parts)
    }


@cache
def hash_code() -> str:
    """Hash of this package's files."""
    digest = hashlib.sha256()
    for name, content in sorted(list_package_files().items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:_HASH_LENGTH]


def find_image_inside() -> str | None:
    """Id of the image that this very process runs in, None outside a container of ours."""
    return os.environ.get(INSIDE_VARIABLE) or None


def find_image_of(sandbox: object) -> str | None:
    """Id of the image that a sandbox's kernels run in, None where they run in none of ours."""
    return getattr(sandbox, "image", None) or find_image_inside()
