"""Reads, writes and edits `.ipynb` files; the only module that imports nbformat.

Left out: running notebooks (`sandbox`), and otter's dialect (`assign`).
"""

from __future__ import annotations

import copy
import json
import re
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import SubmissionError
from autograder.schema.json_size import has_too_many_parts

MAX_NOTEBOOK_BYTES = 50_000_000
MAX_CELLS = 5_000  # the largest of 54 real notebooks has 150
MAX_METADATA_DEPTH = 20
MAX_METADATA_NODES = 10_000
CHECK_CALL = re.compile(r"""^\s*grader\s*\.\s*check\s*\(\s*["']([\w.-]+)["']""", re.MULTILINE)
OUR_METADATA = "autograder"

__all__ = [
    "NotebookNode",
    "code_cells",
    "find_check",
    "make_code_cell",
    "make_markdown_cell",
    "make_notebook",
    "make_output",
    "parse_notebook",
    "read_notebook",
    "serialize_notebook",
    "source_of",
]


def parse_notebook(content: bytes) -> NotebookNode:
    """Notebook of any nbformat 4.0-4.5, with or without cell ids, kernelspec or a BOM.

    Older formats are upgraded. Stored outputs are dropped: grading never reads them.

    Raises:
        SubmissionError: if it is not a notebook; the message says what it seems to be.
    """
    if len(content) > MAX_NOTEBOOK_BYTES:
        size, limit = (count // 1_000_000 for count in (len(content), MAX_NOTEBOOK_BYTES))
        raise SubmissionError(f"notebook of {size} MB is larger than {limit} MB")
    if has_too_many_parts(content):
        raise SubmissionError("not a notebook: its JSON has millions of parts")
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise SubmissionError(f"not a notebook: {type(error).__name__}") from error
    if not isinstance(data, dict) or not ("cells" in data or "worksheets" in data):
        raise SubmissionError("not a notebook: it has no cells")
    return _normalize(data)


def _count_cells(data: dict[str, Any]) -> int:
    """Cells of a notebook in its JSON form, before any is looked at."""
    sheets = data.get("worksheets")
    holders = [data, *(sheets if isinstance(sheets, list) else ())]
    lists = (holder.get("cells") for holder in holders if isinstance(holder, dict))
    return sum(len(cells) for cells in lists if isinstance(cells, list))


def _normalize(data: dict[str, Any]) -> NotebookNode:
    count = _count_cells(data)
    if count > MAX_CELLS:
        raise SubmissionError(f"notebook of {count} cells has more than {MAX_CELLS}")
    try:
        if data.get("nbformat", 4) < 4:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                data = nbformat.convert(nbformat.from_dict(data), 4)
        cells = [_normalize_cell(cell) for cell in data["cells"] if isinstance(cell, dict)]
    except Exception as error:  # nbformat's converters raise whatever the damage makes them raise
        raise SubmissionError(f"not a notebook: {type(error).__name__}") from error
    return NotebookNode(
        nbformat=4, nbformat_minor=5, metadata=_keep_metadata(data.get("metadata")), cells=cells
    )


def _keep_metadata(metadata: object) -> NotebookNode:
    """Metadata that can be copied and written again; nothing of it where it is not sensible."""
    if not isinstance(metadata, dict) or not _is_small(metadata):
        return NotebookNode()
    return nbformat.from_dict(metadata)


def _is_small(value: object) -> bool:
    nodes, stack = 0, [(value, 0)]
    while stack:
        item, depth = stack.pop()
        nodes += 1
        if depth > MAX_METADATA_DEPTH or nodes > MAX_METADATA_NODES:
            return False
        if isinstance(item, dict | list):
            children = item.values() if isinstance(item, dict) else item
            stack.extend((child, depth + 1) for child in children)
    return True


def _normalize_cell(cell: dict[str, Any]) -> NotebookNode:
    source = cell.get("source", "")
    joined = "".join(map(str, source)) if isinstance(source, list) else str(source)
    text = joined.encode("utf-8", "replace").decode()  # half a surrogate pair crosses no wire
    kind = cell.get("cell_type")
    # Made by hand: nbformat's own makers validate every cell against the schema, at 2 ms each.
    node = NotebookNode(
        cell_type=kind if kind in ("code", "raw") else "markdown",
        id=cell["id"] if isinstance(cell.get("id"), str) else uuid.uuid4().hex[:8],
        metadata=_keep_metadata(cell.get("metadata")),
        source=text,
    )
    if kind == "code":
        node.update(execution_count=None, outputs=[])
    return node


def read_notebook(path: Path, *, keep_outputs: bool = False) -> NotebookNode:
    """Notebook at `path`; with `keep_outputs` as nbformat reads it (for masters and tests)."""
    if keep_outputs:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return nbformat.read(path, as_version=4)
    return parse_notebook(path.read_bytes())


def serialize_notebook(notebook: NotebookNode) -> bytes:
    """Bytes of `notebook`, the same for the same content: cell ids count from 1."""
    copied = copy.deepcopy(notebook)
    for number, cell in enumerate(copied.cells, start=1):
        cell["id"] = f"cell-{number}"
    copied.nbformat, copied.nbformat_minor = 4, 5
    return (json.dumps(copied, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode(
        "utf-8", "replace"
    )


def make_notebook(cells: list[NotebookNode]) -> NotebookNode:
    """Notebook of `cells` with a Python kernel spec."""
    kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernelspec})


def make_code_cell(source: str, **metadata: object) -> NotebookNode:
    """Code cell with `source` and cell metadata."""
    return nbformat.v4.new_code_cell(source, metadata=metadata)


def make_markdown_cell(source: str, **metadata: object) -> NotebookNode:
    """Markdown cell with `source` and cell metadata."""
    return nbformat.v4.new_markdown_cell(source, metadata=metadata)


def source_of(cell: NotebookNode) -> str:
    """Text of a cell."""
    return str(cell.get("source", ""))


def code_cells(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """Number (from 1, counting code cells only) and node of each code cell."""
    cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    return enumerate(cells, start=1)


def find_check(source: str) -> str | None:
    """Question that a cell checks (`grader.check("q1")` gives `q1`), or None."""
    match = CHECK_CALL.search(source)
    return match.group(1) if match else None


def make_output(form: dict[str, Any]) -> NotebookNode:
    """Output node of one output in nbformat's form."""
    return nbformat.from_dict(form)
