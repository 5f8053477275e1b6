"""Finds every submission in the files, folders and zips that a command was given.

What is whose is found first, from names alone; contents are read one submission at a time, so that
a class takes the memory of its largest notebook.

Where a platform's downloads hold several uploads of one student (two downloads given together),
the latest is kept and `attempt` counts them: for Canvas the one with the highest file id, else
the one given last.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from autograder.errors import SubmissionError, UsageError
from autograder.schema import Submission
from autograder.submit.archive import open_zip
from autograder.submit.layout import Upload, make_upload, split_folder, split_zip, stem_of
from autograder.submit.name import make_unique_names
from autograder.submit.platform import split_platform
from autograder.submit.tree import FileEntry, decode_name, list_files, list_folder
from autograder.submit.upload import Reading, describe_failure, read_upload


@dataclass(frozen=True)
class Found:
    """An upload, not read yet, and the path given for it.

    Attributes:
        reading: what is known without reading: that it cannot be read.
    """

    upload: Upload
    source: Path
    reading: Reading | None = None


class Uploads(Collection[Submission]):
    """The submissions in some paths, in the order given; within a folder or zip, by path.

    Going through them reads them, each time anew. One that cannot be graded has a `problem` and no
    notebook.

    Attributes:
        names: of the submissions, safe and distinct.
    """

    def __init__(self, found: Sequence[Found], language: str) -> None:
        self.names = make_unique_names(item.upload.label for item in found)
        self._found = found
        self._language = language

    def __len__(self) -> int:
        return len(self._found)

    def __contains__(self, submission: object) -> bool:
        return getattr(submission, "name", None) in self.names

    def __iter__(self) -> Iterator[Submission]:
        with _Reader(self._language) as reader:
            for item, name in zip(self._found, self.names, strict=True):
                yield _make_submission(item, reader.read(item), name)


def find_uploads(paths: Sequence[Path], language: str) -> Uploads:
    """Submissions in `paths`, to be read one by one.

    Args:
        paths: notebooks, zips and folders; each may be a learning platform's bulk download.
        language: of the texts for students (`ko` or `en`).

    Raises:
        UsageError: naming every path that does not exist.
    """
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise UsageError(f"no such file or folder: {', '.join(missing)}; check the spelling")
    found = [item for group in _group(paths) for item in _find(group, language)]
    return Uploads(_keep_latest(found), language)


def find_submissions(paths: Sequence[Path], language: str) -> list[Submission]:
    """The submissions of `find_uploads`, all of them read."""
    return list(find_uploads(paths, language))


class _Reader:
    """Reads uploads; keeps the zip open that the last one came from."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._stack = ExitStack()
        self._source: Path | None = None
        self._members: dict[str, FileEntry] = {}

    def __enter__(self) -> _Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def read(self, item: Found) -> Reading:
        """What is in an upload."""
        if item.reading is not None:
            return item.reading
        entries: Sequence[FileEntry] = item.upload.entries
        if _is_zip(item.source):
            try:
                self._open(item.source)
                entries = [
                    replace(entry, read=self._members[entry.origin].read) for entry in entries
                ]
            except (SubmissionError, OSError, KeyError) as error:  # it was changed meanwhile
                return describe_failure(error, self._language)
        return read_upload(entries, self._language)

    def _open(self, source: Path) -> None:
        if source == self._source:
            return
        self._stack.close()
        self._source = None
        file = self._stack.enter_context(source.open("rb"))
        entries = self._stack.enter_context(open_zip(file, source.name, self._language))
        self._members = {entry.origin: entry for entry in entries}
        self._source = source


def _group(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Each folder and zip alone; the loose files of one folder together, as a shell lists them.

    Zips and folders that carry a platform's names are such files too (`canvas/*.zip`).
    """
    loose: dict[Path, list[Path]] = {}
    order: list[list[Path]] = []
    for path in dict.fromkeys(path.absolute() for path in paths):
        if _is_alone(path):
            order.append([path])
        elif path.parent in loose:
            loose[path.parent].append(path)
        else:
            loose[path.parent] = [path]
            order.append(loose[path.parent])
    yield from order


def _is_zip(path: Path) -> bool:
    return path.is_file() and path.suffix.casefold() == ".zip"


def _is_alone(path: Path) -> bool:
    is_zip = _is_zip(path)
    stand_in = FileEntry(f"{path.name}/x" if path.is_dir() else path.name, 0, bytes)
    return (path.is_dir() or is_zip) and split_platform([stand_in]) is None


def _find(group: Sequence[Path], language: str) -> list[Found]:
    source = group[0]
    if len(group) > 1 or not _is_alone(source):
        return _find_loose(group)
    label = stem_of(source.name) if source.is_file() else source.name
    label = decode_name(os.fsencode(label))
    if source.is_dir():
        entries = list_folder(source)
        uploads = split_platform(entries) or split_folder(entries, label)
        return [Found(upload, source) for upload in uploads]
    try:
        with source.open("rb") as file, open_zip(file, source.name, language) as entries:
            uploads = split_platform(entries) or split_zip(entries, label)
            return [Found(upload, source) for upload in uploads]
    except (SubmissionError, OSError) as error:
        return [Found(make_upload(label, []), source, describe_failure(error, language))]


def _find_loose(group: Sequence[Path]) -> list[Found]:
    entries = list_files([path for path in group if path.is_file()])
    for folder in (path for path in group if path.is_dir()):
        name = decode_name(os.fsencode(folder.name))
        entries += [replace(entry, path=f"{name}/{entry.path}") for entry in list_folder(folder)]
    uploads = split_platform(entries)
    if uploads is None:
        uploads = [make_upload(stem_of(entry.path), [entry]) for entry in entries]
    return [Found(upload, group[0].parent) for upload in uploads]


def _keep_latest(found: Sequence[Found]) -> list[Found]:
    """One of each student of a platform, in the place of their first."""
    groups: dict[object, list[Found]] = {}
    for number, item in enumerate(found):
        upload = item.upload
        key = (upload.platform, upload.platform_id, upload.student)
        groups.setdefault(key if upload.platform_id else number, []).append(item)
    return [_latest(group) for group in groups.values()]


def _latest(group: Sequence[Found]) -> Found:
    last = sorted(group, key=lambda item: item.upload.order)[-1]
    attempt = max(len(group), *(item.upload.attempt for item in group), 1)
    return replace(last, upload=replace(last.upload, attempt=attempt))


def _make_submission(item: Found, reading: Reading, name: str) -> Submission:
    upload = item.upload
    return Submission(
        name=name,
        student=upload.student or name,
        notebook=reading.notebook,
        files=reading.files,
        source=Path(reading.origin) if reading.origin else item.source,
        problem=reading.problem,
        notices=reading.notices,
        attempt=upload.attempt,
        late=upload.late,
        submitted_at=upload.submitted_at,
        email=upload.email,
        platform_id=upload.platform_id,
    )
