"""The runs made so far, a line each, in a file that survives an interruption."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from autograder.errors import UsageError
from autograder.schema.base import Value
from autograder.schema.calibration import Run

WORK_FILE = "calibration.jsonl"


class TrialKey(Value):
    """What a run is known again by.

    Attributes:
        bundle: hash of the draft that it was graded with.
        notebook: hash of what was graded.
        only: the questions it was graded in.
        seed: of the run.
        versions: of what trained.
    """

    bundle: str
    notebook: str
    only: tuple[str, ...]
    seed: int
    versions: str


class Trial(Value):
    """One submission graded with one seed: a run of each question."""

    key: TrialKey
    runs: dict[str, Run]


class WorkFile:
    """The trials in a file; each is on the disk before the next is reported.

    Args:
        path: of the file; it and its folder are made with the first trial.

    Raises:
        UsageError: if it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._trials: dict[TrialKey, Trial] = {}
        try:
            lines = path.read_bytes().splitlines() if path.exists() else []
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; make it readable, or remove it") from error
        for line in lines:
            try:
                trial = Trial.model_validate_json(line)
            except ValidationError:
                continue  # cut off by a crash, or of another version: it is run again
            self._trials[trial.key] = trial

    def find(self, key: TrialKey) -> Trial | None:
        """The trial of `key`, if it was made."""
        return self._trials.get(key)

    def append(self, trial: Trial) -> None:
        """Keep a trial.

        Raises:
            UsageError: if it cannot be written.
        """
        try:
            self._write(trial.model_dump_json().encode())
        except OSError as error:
            step = "make room and the folder writable, then run the same command again"
            raise UsageError(f"{self._path}: {error.strerror}; {step}") from error
        self._trials[trial.key] = trial

    def _write(self, line: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+b") as file:
            begun = file.seek(0, os.SEEK_END) > 0 and self._last_byte() != b"\n"
            file.write((b"\n" if begun else b"") + line + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _last_byte(self) -> bytes:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1)
