"""What is kept of an upload beside its notebook, so that it can be graded again from the store."""

from __future__ import annotations

import hashlib

from autograder.errors import WireError
from autograder.schema import Submission
from autograder.wire.frame import Frame, pack_frame, unpack_frame

UPLOAD_FILE = "upload.bin"
NOTEBOOK_FILE = "submitted.ipynb"
EXECUTED_FILE = "executed.ipynb"


def pack_upload(submission: Submission) -> bytes:
    """Everything of a submission but its notebook."""
    plain = submission.model_dump(mode="json", exclude={"notebook", "files", "source"})
    names = sorted(submission.files)
    head = {"submission": plain, "files": names}
    return pack_frame(Frame(head, tuple(submission.files[name] for name in names)))


def unpack_upload(content: bytes, notebook: bytes | None) -> Submission | None:
    """The submission again; None where what was kept cannot be read."""
    try:
        frame = unpack_frame(content)
        files = dict(zip(frame.head["files"], map(bytes, frame.buffers), strict=True))
        return Submission(**frame.head["submission"], notebook=notebook, files=files)
    except (WireError, KeyError, TypeError, ValueError):
        return None


def hash_content(submission: Submission) -> str:
    """Digest of the notebook and all files: what is equal is graded once."""
    hashed = hashlib.sha256(hashlib.sha256(submission.notebook or b"").digest())
    for name in sorted(submission.files):
        hashed.update(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest())
        hashed.update(hashlib.sha256(submission.files[name]).digest())
    return hashed.hexdigest()
