"""Recognises the bulk downloads of Canvas, Moodle and Gradescope.

Each function takes the files of a tree and gives the uploads in it, or None if the tree is not of
its platform. All three platforms put only the latest attempt of each student in a download.

- Canvas: `<name>[_LATE]_<user id>_<file id>_<file name>`, name lower-case without spaces;
  `[LATE_]anon_<letters>_<file id>_<file name>` where marking is anonymous; text entries are
  `<name>[_LATE]_<user id>_text.html`.
- Moodle: `<full name>_<participant id>_assignsubmission_file/<path>` (older versions with `_`
  before the slash), or the same prefix and the file name with `_` between.
- Gradescope: `submission_metadata.yml` with `:submitters:`, and one folder per submission.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import yaml

from autograder.errors import SubmissionError
from autograder.submit.layout import Upload, group_by_top
from autograder.submit.name import clean_text
from autograder.submit.tree import FileEntry, peel

GRADESCOPE_FILE = "submission_metadata.yml"
MAX_METADATA_BYTES = 50_000_000
CANVAS = re.compile(
    r"(?P<name>[^/]+?)(?P<late>_LATE)?_(?P<user>\d+)_(?:(?P<file>\d+)_(?P<rest>[^/]+)"
    r"|(?P<text>(?:text|link)\.html))"
)
CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<name>anon_(?P<user>\w+?))_(?:(?P<file>\d+)_(?P<rest>[^/]+)"
    r"|(?P<text>(?:text|link)\.html))"
)
MOODLE = re.compile(
    r"(?P<name>[^/]+?)(?:_(?P<user>\d+))?_assignsubmission_(?P<kind>[a-z]+)"
    r"(?P<slash>_?/|_)(?P<rest>.+)"
)


def split_platform(entries: Sequence[FileEntry]) -> list[Upload] | None:
    """Uploads of a bulk download, also some folders further down; None if it is not one."""
    for _, tree in peel(entries):
        for split in (split_gradescope, split_moodle, split_canvas):
            uploads = split(tree)
            if uploads is not None:
                return uploads
    return None


def split_canvas(entries: Sequence[FileEntry]) -> list[Upload] | None:
    """Uploads of a Canvas download: every file that could be an upload has a Canvas name.

    One user id never stands for two names there; where it does (`kim_2025_1001_a01.ipynb`,
    `lee_2025_1002_a01.ipynb`), the numbers mean something else.
    """
    groups: dict[str, list[tuple[re.Match[str], FileEntry]]] = {}
    for entry in entries:
        match = CANVAS_ANONYMOUS.fullmatch(entry.path) or CANVAS.fullmatch(entry.path)
        if match:
            groups.setdefault(match["user"], []).append((match, entry))
        elif entry.is_sent:
            return None
    if any(len({match["name"] for match, _ in group}) > 1 for group in groups.values()):
        return None
    return [_canvas_upload(user, group) for user, group in groups.items()] or None


def _canvas_upload(user: str, group: Sequence[tuple[re.Match[str], FileEntry]]) -> Upload:
    name = group[0][0]["name"]
    entries = [
        replace(entry, path=match["rest"] or match["text"], order=int(match["file"] or 0))
        for match, entry in group
    ]
    return Upload(
        label=name if name == f"anon_{user}" else f"{name}_{user}",
        student=clean_text(name),
        entries=tuple(sorted(entries, key=lambda entry: entry.order)),
        platform="canvas",
        platform_id=user,
        late=any(match["late"] for match, _ in group),
    )


def split_moodle(entries: Sequence[FileEntry]) -> list[Upload] | None:
    """Uploads of a Moodle download; text typed online counts only where no file was sent."""
    groups: dict[tuple[str, str], list[tuple[re.Match[str], FileEntry]]] = {}
    for entry in entries:
        match = MOODLE.fullmatch(entry.path)
        if match:
            groups.setdefault((match["name"], match["user"] or ""), []).append((match, entry))
    return [_moodle_upload(*key, group) for key, group in groups.items()] or None


def _moodle_upload(
    name: str, user: str, group: Sequence[tuple[re.Match[str], FileEntry]]
) -> Upload:
    sent = [pair for pair in group if pair[0]["kind"] == "file"] or group
    entries = tuple(replace(entry, path=match["rest"]) for match, entry in sent)
    label = f"{name}_{user}" if user else name
    return Upload(label, clean_text(name), entries, platform="moodle", platform_id=user)


def split_gradescope(entries: Sequence[FileEntry]) -> list[Upload] | None:
    """Uploads of a Gradescope export; a group's upload is one, with the names joined."""
    found = [entry for entry in entries if entry.path == GRADESCOPE_FILE]
    metadata = _read_metadata(found[0]) if found else None
    if metadata is None:
        return None
    groups = group_by_top([entry for entry in entries if entry.path != GRADESCOPE_FILE])
    return [
        _gradescope_upload(key, metadata.get(key), groups.get(key, []))
        for key in sorted({*groups, *metadata})
    ]


def _read_metadata(entry: FileEntry) -> dict[str, Any] | None:
    if entry.size > MAX_METADATA_BYTES:
        return None
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        data = yaml.load(entry.read(), Loader=loader)  # noqa: S506  both loaders are the safe ones
    except (SubmissionError, OSError, ValueError, RecursionError, yaml.YAMLError):
        return None
    return {str(key): value for key, value in data.items()} if isinstance(data, dict) else None


def _gradescope_upload(key: str, record: object, files: Sequence[FileEntry]) -> Upload:
    values = record if isinstance(record, Mapping) else {}
    people = [person for person in _list(values, ":submitters") if isinstance(person, Mapping)]
    student = _join(people, ":name") or key
    number = _join(people, ":sid")
    created = values.get(":created_at")
    return Upload(
        label=f"{student}_{number}" if number else student,
        student=clean_text(student),
        entries=tuple(entry.below(key) for entry in files),
        platform="gradescope",
        platform_id=number,
        attempt=len(_list(values, ":history")) + 1,
        submitted_at=_with_zone(created) if isinstance(created, datetime) else None,
        email=_join(people, ":email"),
    )


def _list(values: Mapping[str, Any], key: str) -> list[Any]:
    value = values.get(key)
    return value if isinstance(value, list) else []


def _join(people: Sequence[Mapping[str, Any]], key: str) -> str:
    texts = [clean_text(str(person[key])) for person in people if person.get(key)]
    return ", ".join(texts)


def _with_zone(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time
