"""Reads one upload: opens zips inside it, chooses the notebook, gathers the files beside it.

Left out: names and attempts, which concern the batch.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from autograder.errors import SubmissionError
from autograder.language import translate
from autograder.notebook import code_cells, find_check, source_of
from autograder.submit.archive import open_zip
from autograder.submit.check import MEGABYTE, check_notebook, check_size
from autograder.submit.tree import FileEntry

MAX_FILES = 2_000
MAX_FILES_BYTES = 100_000_000
MAX_CANDIDATES = 20
MAX_ZIPS = 10
MAX_ZIP_BYTES = 200_000_000
ZIP_DEPTH = 2
LISTED = 3
MAX_PATH_BYTES = 1000
MAX_PART_BYTES = 255


@dataclass(frozen=True)
class Reading:
    """What was read of an upload: a notebook with the files beside it, or a problem.

    Attributes:
        notebook: content of the chosen notebook.
        files: other files by path relative to the notebook's folder.
        problem: why there is no notebook, in the student's language.
        notices: what else the student should know, in their language.
        origin: where the notebook was found.
    """

    notebook: bytes | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    problem: str | None = None
    notices: tuple[str, ...] = ()
    origin: str = ""


def read_upload(entries: Sequence[FileEntry], language: str) -> Reading:
    """Read the upload of `entries`. Never raises: what cannot be read is a `problem`."""
    try:
        with ExitStack() as stack:
            return _read(_open_zips(entries, language, stack), language)
    except Exception as error:  # noqa: BLE001  one upload never stops the batch
        return describe_failure(error, language)


def describe_failure(error: Exception, language: str) -> Reading:
    """What `error` means to the student; a SubmissionError says it already."""
    if isinstance(error, SubmissionError):
        return Reading(problem=str(error))
    message = "Your upload could not be read ({error}). Upload your notebook (.ipynb) again."
    return Reading(problem=translate(language, message, error=type(error).__name__))


def _open_zips(
    entries: Sequence[FileEntry], language: str, stack: ExitStack, depth: int = ZIP_DEPTH
) -> list[FileEntry]:
    """`entries` with zips replaced by what is in them, as long as there is no notebook."""
    zips = [entry for entry in entries if entry.is_zip][:MAX_ZIPS]
    if not zips or not depth or any(entry.is_notebook for entry in entries):
        return list(entries)
    files = [entry for entry in entries if not entry.is_zip]
    for entry in _check_zips(zips, language):
        files += stack.enter_context(open_zip(io.BytesIO(entry.read()), entry.path, language))
    return _open_zips(files, language, stack, depth - 1)


def _check_zips(zips: Sequence[FileEntry], language: str) -> Sequence[FileEntry]:
    """`zips` if they may be read into memory together.

    Raises:
        SubmissionError: if they are too large.
    """
    size = sum(entry.size for entry in zips)
    if size > MAX_ZIP_BYTES:
        message = (
            "{file} has {size} MB; at most {limit} MB can be unpacked. "
            "Upload your notebook (.ipynb) itself, without packing it."
        )
        name = PurePosixPath(zips[0].path).name
        places = {"file": name, "size": size // MEGABYTE, "limit": MAX_ZIP_BYTES // MEGABYTE}
        raise SubmissionError(translate(language, message, **places))
    return zips


def _read(entries: Sequence[FileEntry], language: str) -> Reading:
    notebooks = [entry for entry in entries if entry.is_notebook]
    if not notebooks:
        raise SubmissionError(_describe_missing(entries, language))
    chosen, content = _choose(notebooks[-MAX_CANDIDATES:], language)
    others = [entry for entry in entries if not entry.is_notebook]
    files, left_out = _gather(others, PurePosixPath(chosen.path).parent)
    notices = []
    if len(notebooks) > 1:
        message = (
            "Your upload holds {count} notebooks; {file} was graded. "
            "If that is the wrong one, upload only the right one."
        )
        notices.append(translate(language, message, count=len(notebooks), file=chosen.path))
    if left_out:
        message = (
            "{count} files of your upload were left out because they are too large, too many or "
            "unreadable: at most {limit} MB are kept beside the notebook."
        )
        limit = MAX_FILES_BYTES // MEGABYTE
        notices.append(translate(language, message, count=left_out, limit=limit))
    return Reading(content, files, notices=tuple(notices), origin=chosen.origin)


def _describe_missing(entries: Sequence[FileEntry], language: str) -> str:
    names = [PurePosixPath(entry.path).name for entry in entries]
    if not names:
        message = "Your upload holds no files. Upload your notebook (.ipynb)."
        return translate(language, message)
    listed = ", ".join(names[:LISTED]) + (", …" if len(names) > LISTED else "")
    message = (
        "Your upload holds no notebook (.ipynb), only: {files}. Upload the notebook itself: "
        "in Jupyter choose File > Download, in Colab File > Download > Download .ipynb."
    )
    return translate(language, message, files=listed)


def _choose(notebooks: Sequence[FileEntry], language: str) -> tuple[FileEntry, bytes]:
    """The notebook with the most checked questions; then the latest; then the largest.

    Raises:
        SubmissionError: of the first one, if none can be read.
    """
    best: tuple[tuple[int, int, int], FileEntry, bytes] | None = None
    problem: SubmissionError | None = None
    for entry in notebooks:
        try:
            content, checks = _inspect(entry, language)
        except SubmissionError as error:
            problem = problem or error
            continue
        rank = (checks, entry.order, len(content))
        if best is None or rank > best[0]:
            best = (rank, entry, content)
    if best is None:
        raise problem or SubmissionError(_describe_missing([], language))
    return best[1], best[2]


def _inspect(entry: FileEntry, language: str) -> tuple[bytes, int]:
    """Content of a notebook, and how many questions it checks."""
    name = PurePosixPath(entry.path).name
    check_size(name, entry.size, language)
    content = entry.read()
    notebook = check_notebook(name, content, language)
    return content, len({find_check(source_of(cell)) for _, cell in code_cells(notebook)} - {None})


def _gather(entries: Sequence[FileEntry], folder: PurePosixPath) -> tuple[dict[str, bytes], int]:
    """Files by path relative to the notebook's `folder`, and how many had to be left out."""
    files: dict[str, bytes] = {}
    room = MAX_FILES_BYTES
    for entry in entries:
        path = entry.path.removeprefix(f"{folder}/")
        if len(files) < MAX_FILES and entry.size <= room and _is_writable(path):
            try:
                content = entry.read()
            except (SubmissionError, OSError):
                continue
            room -= len(content)
            files[path] = content
    folders = {str(parent) for path in files for parent in PurePosixPath(path).parents}
    kept = {path: content for path, content in files.items() if path not in folders}
    return kept, len(entries) - len(kept)


def _is_writable(path: str) -> bool:
    lengths = [len(part.encode()) for part in path.split("/")]
    return max(lengths) <= MAX_PART_BYTES and sum(lengths) + len(lengths) <= MAX_PATH_BYTES
