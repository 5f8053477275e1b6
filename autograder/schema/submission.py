"""One upload of one student, as the `submit` stage found it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import Field

from autograder.schema.base import Value


class Submission(Value):
    """One upload.

    Attributes:
        name: safe, unique in its batch: the folder its results go to.
        student: who sent it, as far as the upload's name or metadata says (NFC).
        notebook: content of the `.ipynb` file; None where there is none to read.
        files: other files of the upload, by relative path, put beside the notebook at grading.
        source: where it was found, for messages to staff.
        problem: why it cannot be graded, in the student's language; None if it can.
        notices: things worth telling the student that cost nothing, in their language.
        attempt: count of uploads by this student.
        late: whether the platform marked it late.
        submitted_at: when, if the platform says so.
        email: if the platform says so.
        platform_id: the learning platform's own id of the student or submission.
        allocated: the variant that the student was given; empty where that is not known.
    """

    name: str
    student: str
    notebook: bytes | None
    files: dict[str, bytes] = Field(default_factory=dict)
    source: Path | None = None
    problem: str | None = None
    notices: tuple[str, ...] = ()
    attempt: int = 1
    late: bool = False
    submitted_at: datetime | None = None
    email: str = ""
    platform_id: str = ""
    allocated: str = ""
