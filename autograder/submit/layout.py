"""Finds out whose files are whose: the layouts in which submissions arrive.

Recognised in this order: Gradescope's export, Moodle's and Canvas' bulk downloads (`platform`),
then plain files: one notebook per student, or one folder or zip per student.
Left out: reading the files, which `upload` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from autograder.submit.name import clean_text
from autograder.submit.tree import NOTEBOOK_ENDINGS, OTTER_MARK, FileEntry, peel

DOCUMENTS = (".html", ".htm", ".pdf", ".doc", ".docx", ".hwp", ".hwpx")
ARCHIVES = (".rar", ".7z", ".alz", ".egg", ".tar", ".gz", ".tgz")


@dataclass(frozen=True)
class Upload:
    """The files that one student sent at one time.

    Attributes:
        label: what the submission's safe name is made from.
        student: who sent it.
        entries: the files, paths relative to the upload.
        platform: learning platform that it came from, or `""`.
        platform_id: the platform's own id of the student.
        attempt: count of uploads, as far as the platform says so.
    """

    label: str
    student: str
    entries: tuple[FileEntry, ...]
    platform: str = ""
    platform_id: str = ""
    late: bool = False
    attempt: int = 1
    submitted_at: datetime | None = None
    email: str = ""

    @property
    def order(self) -> int:
        """Larger for a later upload of the same student, where the platform says so."""
        return max((entry.order for entry in self.entries), default=0)


def make_upload(label: str, entries: Sequence[FileEntry]) -> Upload:
    """Upload of a student who is known by the name of their file or folder only."""
    return Upload(label, clean_text(label), tuple(entries))


def stem_of(path: str) -> str:
    """Name of a file without its ending (`.ipynb.txt` is one ending)."""
    name = PurePosixPath(path).name
    for ending in NOTEBOOK_ENDINGS:
        if name.casefold().endswith(ending):
            return name[: -len(ending)]
    return PurePosixPath(name).stem


def split_folder(entries: Sequence[FileEntry], label: str) -> list[Upload]:
    """Uploads in a plain folder called `label`.

    One notebook (or zip) in the whole tree, at its top, is one upload with the files beside it,
    named after the folder that holds it. Otherwise each notebook and zip at the top is an
    upload, and each folder at the top is one.
    """
    *_, (root, below) = peel(entries)
    sent = [entry for entry in below if entry.is_sent]
    if not below or (len(sent) <= 1 and any(e.path == e.top for e in sent or below)):
        alone = len(entries) == len(sent) == 1 and not root
        return [make_upload(stem_of(sent[0].path) if alone else root or label, below)]
    return list(_split_class(below))


def split_zip(entries: Sequence[FileEntry], label: str) -> list[Upload]:
    """Uploads in a plain zip called `label`: as in a folder, but a single one has its name.

    What otter's `grader.export` wrote is one upload, whatever else the student put in.
    """
    *_, (_, below) = peel(entries)
    ours = [entry for entry in below if entry.path != OTTER_MARK]
    if len(ours) < len(below):
        return [make_upload(label, ours)]
    if sum(entry.is_notebook for entry in below) <= 1 and not any(e.is_zip for e in below):
        return [make_upload(label, below)]
    return list(_split_class(below))


def _split_class(entries: Sequence[FileEntry]) -> Iterator[Upload]:
    """One upload per notebook, zip or folder at the top of a class's tree.

    A folder without notebook beside loose notebooks is data; among folders it is a student's.
    """
    loose = [entry for entry in entries if entry.path == entry.top and entry.is_sent]
    stems = {stem_of(entry.path) for entry in loose}
    for top, files in group_by_top(entries).items():
        if files[0].path != top:
            if not loose or any(entry.is_sent for entry in files):
                yield make_upload(top, [entry.below(top) for entry in files])
        elif files[0].is_sent or _is_mistaken(files[0], stems):
            yield make_upload(stem_of(top), files)


def _is_mistaken(entry: FileEntry, stems: set[str]) -> bool:
    """Whether it looks like a student's upload in a wrong format, not an export beside one."""
    return entry.path.casefold().endswith(DOCUMENTS + ARCHIVES) and stem_of(entry.path) not in stems


def group_by_top(entries: Sequence[FileEntry]) -> dict[str, list[FileEntry]]:
    """Files by the first part of their paths, in order."""
    groups: dict[str, list[FileEntry]] = {}
    for entry in entries:
        groups.setdefault(entry.top, []).append(entry)
    return groups
