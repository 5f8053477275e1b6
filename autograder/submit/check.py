"""Says whether a file is a notebook that can be graded, and if not, what it is instead."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from autograder.errors import SubmissionError
from autograder.language import translate
from autograder.notebook import (
    MAX_CELLS,
    MAX_NOTEBOOK_BYTES,
    NotebookNode,
    parse_notebook,
)
from autograder.schema.json_size import has_too_many_parts
from autograder.submit.tree import NOTEBOOK_ENDINGS

MEGABYTE = 1_000_000
BEGINNINGS = {
    b"%PDF": "PDF",
    b"PK\x03\x04": "ZIP",
    b"\x89PNG": "PNG",
    b"\xd0\xcf\x11\xe0": "HWP/DOC",
    b"<!doctype": "HTML",
    b"<html": "HTML",
    b"<?xml": "XML",
}


def check_notebook(name: str, content: bytes, language: str) -> NotebookNode:
    """The notebook in `content`, the file called `name`.

    Raises:
        SubmissionError: in the student's language, with what is wrong and the next step.
    """
    check_size(name, len(content), language)
    try:
        notebook = parse_notebook(content)
    except SubmissionError as error:
        raise SubmissionError(_describe(name, content, language)) from error
    if not any(cell.cell_type == "code" for cell in notebook.cells):
        message = (
            "{file} has no code cells. Open your notebook, save it, and upload the saved file."
        )
        raise SubmissionError(translate(language, message, file=name))
    return notebook


def check_size(name: str, size: int, language: str) -> None:
    """Refuse a notebook of `size` bytes that is too large to read.

    Raises:
        SubmissionError: in the student's language.
    """
    if size > MAX_NOTEBOOK_BYTES:
        message = (
            "{file} has {size} MB; at most {limit} MB can be read. "
            "Clear the outputs of all cells, save, and upload it again."
        )
        raise SubmissionError(
            translate(
                language,
                message,
                file=name,
                size=size // MEGABYTE,
                limit=MAX_NOTEBOOK_BYTES // MEGABYTE,
            )
        )


def _describe_many_parts(name: str, language: str) -> str:
    message = (
        "{file} holds far more data than a notebook needs. "
        "Clear the outputs of all cells, save, and upload it again."
    )
    return translate(language, message, file=name)


def _describe(name: str, content: bytes, language: str) -> str:
    if not content.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        message = "{file} is empty. Open your notebook, save it, and upload the saved file."
        return translate(language, message, file=name)
    kind = _kind_of(name, content)
    if kind:
        message = (
            "{file} is not a notebook but a {kind} file. Upload the notebook itself (.ipynb): "
            "in Jupyter choose File > Download, in Colab File > Download > Download .ipynb."
        )
        return translate(language, message, file=name, kind=kind)
    if has_too_many_parts(content):
        return _describe_many_parts(name, language)
    cells = _count_cells(content)
    if cells > MAX_CELLS:
        message = (
            "{file} has {count} cells; at most {limit} can be graded. "
            "Delete the cells that are not needed, save, and upload it again."
        )
        return translate(language, message, file=name, count=cells, limit=MAX_CELLS)
    if cells >= 0:
        message = (
            "{file} is a JSON file without cells, so it is not a notebook. "
            "Open your notebook in Jupyter or Colab, save it, and upload the saved .ipynb file."
        )
        return translate(language, message, file=name)
    message = (
        "{file} is damaged: its content breaks off or is not text. "
        "Save your notebook again and upload the new file."
    )
    return translate(language, message, file=name)


def _kind_of(name: str, content: bytes) -> str:
    start = content[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for beginning, kind in BEGINNINGS.items():
        if start.startswith(beginning.lower()):
            return kind
    ending = PurePosixPath(name).suffix
    known = not ending or name.casefold().endswith(NOTEBOOK_ENDINGS)
    return "" if known else ending[1:].upper()


def _count_cells(content: bytes) -> int:
    """How many cells a JSON file has; -1 where it is no JSON."""
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return -1
    cells = data.get("cells") if isinstance(data, dict) else None
    return len(cells) if isinstance(cells, list) else 0
