"""Which student gets which variant: by a keyed hash of the student's id, the same everywhere.

Rendezvous hashing (Thaler and Ravishankar 1998): each variant in use has a score for each student,
and the highest wins. So nobody's variant depends on who else is there, and where a variant is
dropped only its own students move. Without the secret nobody can tell who gets what.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.report.export.people import normalise_name

SECRET_FILE = "secret"  # noqa: S105 - a file's name
_SECRET_BYTES = 32
_LEAST_BYTES = 16


@dataclass(frozen=True)
class Allocation:
    """Who gets what.

    Attributes:
        variants: name of the variant by student, in the order asked for.
        moved: name of the earlier variant of students who now get another.
        new: students who had none.
    """

    variants: Mapping[str, str]
    moved: Mapping[str, str]
    new: tuple[str, ...]


def allocate(
    students: Iterable[str],
    names: Sequence[str],
    secret: bytes,
    given: Mapping[str, str],
    gone: Collection[str] = (),
) -> Allocation:
    """Allocate the variants `names` to students.

    Args:
        students: their ids.
        names: variants that may be given, at least one.
        secret: of the assessment.
        given: what was handed out already; it stays, so a larger pool moves nobody.
        gone: variants that are in use no more: their students get another.
    """
    variants = {}
    for student in map(normalise_name, students):
        kept = given.get(student, "")
        stays = kept and kept not in gone
        variants[student] = kept if stays else choose(student, names, secret)
    moved = {
        student: given[student]
        for student, name in variants.items()
        if student in given and given[student] != name
    }
    return Allocation(variants, moved, tuple(item for item in variants if item not in given))


def choose(student: str, names: Sequence[str], secret: bytes) -> str:
    """The variant of `student` among `names`, of which there is at least one."""
    identity = normalise_name(student).encode()

    def score(name: str) -> tuple[bytes, str]:
        message = len(identity).to_bytes(4, "big") + identity + name.encode()
        return hmac.digest(secret, message, hashlib.sha256), name

    return max(names, key=score)


def find_secret(folder: Path, given: Path | None = None) -> bytes:
    """Secret of an assessment: in the file `given`, or made once and kept in `folder`.

    Raises:
        UsageError: if the file is not there, can be read by others, or is too short to be one.
    """
    path = given or folder / SECRET_FILE
    if given is None and not path.exists():
        _make_secret(path)
    try:
        content = path.read_bytes().strip()
        mode = path.stat().st_mode
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or type(error).__name__}") from error
    if os.name == "posix" and mode & 0o077:
        raise UsageError(f"{path} can be read by others; run `chmod 600 {path}`")
    if len(content) < _LEAST_BYTES:
        step = "write at least 16 characters that nobody can guess"
        raise UsageError(f"{path} is too short for a secret; {step}")
    return content


def _make_secret(path: Path) -> None:
    """Write a new secret, whole from the first; of two who do so at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = secrets.token_hex(_SECRET_BYTES).encode() + b"\n"
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".secret-") as file:  # mode 0600
        file.write(content)
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)
