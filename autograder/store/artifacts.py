"""A place of artifacts by content: a folder, or any object store that fsspec knows by its URL.

    <place>/ab/cdef…     the content whose SHA-256 begins with abcdef, as it is or gzipped
    <place>/tmp/…        being written

Equal contents are one file. Its hash tells whether it is gzipped, and is checked at every read.
One place belongs to one database. Left out: which gradings refer to a file (`tables`).
"""

from __future__ import annotations

import gzip
import hashlib
import os
import time
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from autograder.errors import GraderError, UsageError
from autograder.store.durable import KEPT, sync_folder, write_new_file

_SAMPLE_BYTES = 1 << 12
_SAMPLES = 16
_WORTHWHILE = 0.8


class ArtifactFolder:
    """Keeps contents under their hash; many writers at once are fine.

    Attributes:
        url: where it is.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            # Others write there too: what was listed a while ago says nothing.
            self._files, self._root = url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise UsageError(f"{url!r} is no place for artifacts: {error}") from error
        self._is_local = isinstance(self._files, LocalFileSystem)

    def has(self, digest: str, stored_bytes: int | None) -> bool:
        """Whether the file of `digest` is there and as long as its writer said.

        Raises:
            GraderError: if the place cannot be read.
        """
        if stored_bytes is None:
            return False
        with self._telling_what_to_do():
            try:
                return bool(self._files.info(self._find(digest))["size"] == stored_bytes)
            except FileNotFoundError:
                return False

    def write(self, digest: str, content: bytes) -> int:
        """Keep `content`, wholly or not at all; returns the length of its file in bytes.

        Raises:
            GraderError: if the place cannot be written.
        """
        packed = pack(content)
        with self._telling_what_to_do():
            if self._is_local:
                self._write_durably(Path(self._find(digest)), packed)
            else:
                self._files.makedirs(os.path.dirname(self._find(digest)), exist_ok=True)  # noqa: PTH120
                self._files.pipe_file(self._find(digest), packed)
        return len(packed)

    def read(self, digest: str) -> bytes:
        """Content of `digest`.

        Raises:
            GraderError: if its file is missing or damaged, or the place cannot be read.
        """
        step = "restore it from a backup, or grade the submission again"
        with self._telling_what_to_do():
            try:
                stored = self._files.cat_file(self._find(digest))
            except FileNotFoundError:
                raise GraderError(f"{self._find(digest)} is missing; {step}") from None
        content = unpack(stored, digest)
        if content is None:
            raise GraderError(f"{self._find(digest)} is damaged; {step}")
        return content

    def remove(self, digest: str) -> None:
        """Remove the file of `digest`, if it is there.

        Raises:
            GraderError: if the place cannot be written.
        """
        with self._telling_what_to_do():
            try:
                self._files.rm_file(self._find(digest))
            except FileNotFoundError:
                return

    def remove_leftovers(self, keep: timedelta) -> int:
        """Remove what dead writers left half written longer than `keep` ago; returns how many.

        Raises:
            GraderError: if the place cannot be written.
        """
        if not self._is_local:
            return 0  # an object appears when it is whole
        oldest = time.time() - keep.total_seconds()
        removed = 0
        with self._telling_what_to_do():
            for part in Path(self._root, "tmp").glob("*"):
                try:
                    if part.stat().st_mtime <= oldest:
                        part.unlink()
                        removed += 1
                except FileNotFoundError:  # its writer finished, or another sweep was faster
                    continue
        return removed

    def _find(self, digest: str) -> str:
        return f"{self._root}/{digest[:2]}/{digest[2:]}"

    def _write_durably(self, path: Path, packed: bytes) -> None:
        part = Path(self._root, "tmp", uuid.uuid4().hex)
        part.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.parent.exists()
        path.parent.mkdir(exist_ok=True)
        try:
            write_new_file(part, packed)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        for folder in (path.parent, *([path.parent.parent] if is_new else [])):
            sync_folder(folder)

    @contextmanager
    def _telling_what_to_do(self) -> Iterator[None]:
        try:
            yield
        except GraderError:
            raise
        except Exception as error:  # each object store has its own
            reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            raise GraderError(
                f"{self.url}: {reason}; make room there and let it be written, then run the same "
                f"command again: {KEPT}"
            ) from error


def hash_content(content: bytes) -> str:
    """SHA-256 of `content`, in hex."""
    return hashlib.sha256(content).hexdigest()


def pack(content: bytes) -> bytes:
    """`content` gzipped where that saves a fifth, as samples all over it tell; else as it is.

    Measured numbers, of a transcript for one, hardly shrink, and would take most of a save's time.
    """
    step = max(_SAMPLE_BYTES, len(content) // _SAMPLES)
    sample = b"".join(content[i : i + _SAMPLE_BYTES] for i in range(0, len(content), step))
    if len(zlib.compress(sample, 1)) > _WORTHWHILE * len(sample):
        return content
    return gzip.compress(content, compresslevel=6, mtime=0)


def unpack(stored: bytes, digest: str) -> bytes | None:
    """The content of `digest` in its file's bytes; None if they are damaged."""
    if hash_content(stored) == digest:
        return stored
    try:
        content = gzip.decompress(stored)
    except (OSError, EOFError, zlib.error):
        return None
    return content if hash_content(content) == digest else None
