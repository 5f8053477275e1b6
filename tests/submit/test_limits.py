"""Uploads of any size are refused before they are read, and honest large classes are read."""

from __future__ import annotations

import json
import os
import zipfile

import pytest

from autograder import notebook
from autograder.errors import SubmissionError
from autograder.submit import find_submissions
from autograder.submit.check import check_notebook


def make_content(cells=1, *, metadata=None, outputs=()):
    cell = {
        "cell_type": "code",
        "metadata": metadata or {},
        "source": "x = 1",
        "outputs": list(outputs),
    }
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata or {}, "cells": [cell] * cells}
    ).encode()


def nest(depth):
    value = 1
    for _ in range(depth):
        value = {"a": value}
    return value


def test_a_notebook_of_500_mb_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "big.ipynb"
    with path.open("wb") as file:
        file.truncate(500_000_000)
    (found,) = find_submissions([path], "en")
    assert found.notebook is None
    assert "500 MB" in found.problem


def test_a_zip_of_500_mb_in_a_students_folder_is_refused_before_it_is_read(tmp_path):
    for name in ("kim", "lee"):
        (tmp_path / name).mkdir()
    with (tmp_path / "kim" / "all.zip").open("wb") as file:
        file.truncate(500_000_000)
    (tmp_path / "lee" / "a.ipynb").write_bytes(make_content())
    kim, lee = find_submissions([tmp_path], "en")
    assert "500 MB" in kim.problem
    assert lee.problem is None


def repeat_cell(count):
    """A notebook of one cell many times, written without making each."""
    content = json.loads(make_content(1))
    content["cells"] = content["cells"][:1] * count
    return json.dumps(content).encode()


def test_a_notebook_of_100_000_cells_is_refused_by_their_number():
    with pytest.raises(SubmissionError, match="100000 cells"):
        check_notebook("a.ipynb", repeat_cell(100_000), "en")
    with pytest.raises(SubmissionError, match="cells"):
        notebook.parse_notebook(repeat_cell(6_000))


def test_json_of_millions_of_parts_is_refused_before_it_is_parsed():
    content = b'{"cells": [' + b"[]," * 3_000_000 + b"[]]}"
    with pytest.raises(SubmissionError, match="far more data"):
        check_notebook("a.ipynb", content, "en")


def test_outputs_and_metadata_nested_without_end_are_left_behind():
    outputs = [
        {"output_type": "display_data", "data": {"application/json": nest(300)}, "metadata": {}}
    ]
    parsed = check_notebook("a.ipynb", make_content(metadata=nest(300), outputs=outputs), "en")
    assert parsed.metadata == parsed.cells[0].metadata == {}
    assert notebook.parse_notebook(notebook.serialize_notebook(parsed)).cells[0].source == "x = 1"


def test_metadata_of_an_honest_notebook_is_kept():
    parsed = notebook.parse_notebook(make_content(metadata={"autograder": {"question": "q1"}}))
    assert parsed.cells[0].metadata["autograder"]["question"] == "q1"


def test_a_class_of_300_with_large_outputs_is_read_whole(tmp_path):
    picture = os.urandom(350_000).hex()
    output = {"output_type": "display_data", "data": {"image/png": picture}, "metadata": {}}
    content = make_content(outputs=[output] * 3)
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("s000/a.ipynb", content)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(1, 300):
            archive.writestr(f"s{number:03}/a.ipynb", make_content())
    found = find_submissions([path], "en")
    assert len(found) == 300
    assert [item.problem for item in found if item.problem] == []
