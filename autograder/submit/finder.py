"""Finds every submission in the files, folders and zips that a command was given.

Where a platform's downloads hold several uploads of one student (two downloads given together),
the latest is kept and `attempt` counts them: for Canvas the one with the highest file id, else
the one given last.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

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
    """An upload, what was read of it, and the path given for it."""

    upload: Upload
    reading: Reading
    source: Path


def find_submissions(paths: Sequence[Path], language: str) -> list[Submission]:
    """Submissions in `paths`, in the order given; within a folder or zip, by path.

    Args:
        paths: notebooks, zips and folders; each may be a learning platform's bulk download.
        language: of the texts for students (`ko` or `en`).

    Returns:
        One submission per upload. One that cannot be graded has a `problem` and no notebook.

    Raises:
        UsageError: naming every path that does not exist.
    """
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise UsageError(f"no such file or folder: {', '.join(missing)}; check the spelling")
    found = [item for group in _group(paths) for item in _find(group, language)]
    latest = _keep_latest(found)
    names = make_unique_names(item.upload.label for item in latest)
    return [_make_submission(item, name) for item, name in zip(latest, names, strict=True)]


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


def _is_alone(path: Path) -> bool:
    is_zip = path.is_file() and path.suffix.casefold() == ".zip"
    stand_in = FileEntry(f"{path.name}/x" if path.is_dir() else path.name, 0, bytes)
    return (path.is_dir() or is_zip) and split_platform([stand_in]) is None


def _find(group: Sequence[Path], language: str) -> list[Found]:
    source = group[0]
    if len(group) > 1 or not _is_alone(source):
        return _find_loose(group, language)
    label = stem_of(source.name) if source.is_file() else source.name
    label = decode_name(os.fsencode(label))
    if source.is_dir():
        entries = list_folder(source)
        return _read_all(split_platform(entries) or split_folder(entries, label), source, language)
    try:
        with source.open("rb") as file, open_zip(file, source.name, language) as entries:
            uploads = split_platform(entries) or split_zip(entries, label)
            return _read_all(uploads, source, language)
    except (SubmissionError, OSError) as error:
        return [Found(make_upload(label, []), describe_failure(error, language), source)]


def _find_loose(group: Sequence[Path], language: str) -> list[Found]:
    entries = list_files([path for path in group if path.is_file()])
    for folder in (path for path in group if path.is_dir()):
        name = decode_name(os.fsencode(folder.name))
        entries += [replace(entry, path=f"{name}/{entry.path}") for entry in list_folder(folder)]
    uploads = split_platform(entries)
    if uploads is None:
        uploads = [make_upload(stem_of(entry.path), [entry]) for entry in entries]
    return _read_all(uploads, group[0].parent, language)


def _read_all(uploads: Sequence[Upload], source: Path, language: str) -> list[Found]:
    return [Found(upload, read_upload(upload.entries, language), source) for upload in uploads]


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


def _make_submission(item: Found, name: str) -> Submission:
    upload, reading = item.upload, item.reading
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
