"""Puts submissions aside on disk until their turn comes, so that a class does not fill memory."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass
from types import TracebackType

from autograder.bulk.upload import pack_upload, unpack_upload
from autograder.errors import GraderError
from autograder.schema import Submission
from autograder.wire.frame import Frame, pack_frame, unpack_frame


@dataclass(frozen=True)
class Spooled:
    """A submission that was put aside.

    Attributes:
        content: digest of its notebook and files.
        can_be_graded: whether there is a notebook, and no problem with it.
    """

    name: str
    content: str
    can_be_graded: bool
    spool: Spool
    place: tuple[int, int]

    def load(self) -> Submission:
        """The submission itself.

        Raises:
            GraderError: if the disk does not give it back.
        """
        return self.spool.read(self.place)


class Spool:
    """A file without a name, gone with this object."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="ag-spool-")  # noqa: SIM115 - closed in `__exit__`
        self._end = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def put(self, submission: Submission, content: str) -> Spooled:
        """Put a submission aside.

        Raises:
            GraderError: if the disk is full.
        """
        notebook = submission.notebook
        head = {"has_notebook": notebook is not None}
        parts = pack_frame(Frame(head, (pack_upload(submission), notebook or b"")))
        try:
            with self._lock:
                place = self._end, len(parts)
                self._file.seek(self._end)
                self._file.write(parts)
                self._file.flush()
                self._end += len(parts)
        except OSError as error:
            raise _tell(error) from error
        good = notebook is not None and submission.problem is None
        return Spooled(submission.name, content, good, self, place)

    def read(self, place: tuple[int, int]) -> Submission:
        """The submission at `place`.

        Raises:
            GraderError: if it cannot be read.
        """
        start, size = place
        try:
            with self._lock:
                self._file.seek(start)
                content = self._file.read(size)
        except OSError as error:
            raise _tell(error) from error
        frame = unpack_frame(content)
        notebook = bytes(frame.buffers[1]) if frame.head["has_notebook"] else None
        submission = unpack_upload(bytes(frame.buffers[0]), notebook)
        if submission is None:
            raise GraderError("a submission that was put aside came back damaged; grade again")
        return submission


def _tell(error: OSError) -> GraderError:
    reason = error.strerror or type(error).__name__
    folder = tempfile.gettempdir()
    return GraderError(f"{folder}: {reason}; make room there, or name another folder by TMPDIR")
