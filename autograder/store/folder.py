"""A store that is a folder people can look into: one folder per submission.

    <root>/<name>/result.json                        the latest result, written last
    <root>/<name>/executed.ipynb, …                  its artifacts
    <root>/<name>/history/<graded at>-result.json    earlier results, never overwritten

A folder with a `result.json` is complete. Left out: artifacts of earlier results.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from itertools import count
from pathlib import Path

from autograder.errors import GraderError
from autograder.schema import Result
from autograder.schema.result import RESULT_SCHEMA_VERSION
from autograder.store.base import RESULT_FILE, check_artifacts, check_name
from autograder.store.durable import describe_os_error, sync_folder, write_new_file

HISTORY = "history"


class FolderStore:
    """Keeps results under the folder `root`, which is made when first needed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def save(self, result: Result, artifacts: Mapping[str, bytes]) -> None:
        """See `Store`. All is on the disk before the earlier result moves away."""
        folder = self.root / check_name(result.submission)
        check_artifacts(artifacts)
        content = result.model_dump_json(indent=1).encode() + b"\n"
        with _telling_what_to_do(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with _prepared(folder, {**artifacts, RESULT_FILE: content}) as parts:
                _shelve(folder)
                for part, file in parts.items():
                    part.replace(file)
                    sync_folder(folder)

    def load(self, name: str) -> Result | None:
        """See `Store`. A result of another `schema_version` counts as not written."""
        folder = self.root / check_name(name)
        with _telling_what_to_do(folder):
            return _read(folder / RESULT_FILE)

    def results(self) -> Iterator[Result]:
        """See `Store`."""
        with _telling_what_to_do(self.root):
            folders = sorted(self.root.glob(f"*/{RESULT_FILE}"))
        names = [file.parent.name for file in folders if not file.parent.name.startswith(".")]
        return (result for name in names if (result := self.load(name)) is not None)


def _shelve(folder: Path) -> None:
    """Move the present result into the history, beside those that are there."""
    present = folder / RESULT_FILE
    if not present.exists():
        return
    result = _read(present)
    stamp = f"{result.graded_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}" if result else "unreadable"
    (folder / HISTORY).mkdir(exist_ok=True)
    names = (f"{stamp}{f'-{n}' if n > 1 else ''}-{RESULT_FILE}" for n in count(1))
    place = next(path for name in names if not (path := folder / HISTORY / name).exists())
    present.replace(place)


@contextmanager
def _prepared(folder: Path, files: Mapping[str, bytes]) -> Iterator[dict[Path, Path]]:
    """Each file of `files` wholly on the disk under another name, and the path that it is for."""
    parts = {folder / f".{uuid.uuid4().hex}.part": folder / name for name in files}
    try:
        for (part, _), content in zip(parts.items(), files.values(), strict=True):
            write_new_file(part, content)
        yield parts
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


@contextmanager
def _telling_what_to_do(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GraderError(describe_os_error(folder, error)) from error


def _read(file: Path) -> Result | None:
    try:
        result = Result.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return result if result.schema_version == RESULT_SCHEMA_VERSION else None
