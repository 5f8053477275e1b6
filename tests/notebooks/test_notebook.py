"""Notebooks of every 4.x format are read, whatever else is in them; other files are told apart."""

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import notebook
from autograder.errors import SubmissionError
from autograder.notebook import (
    code_cells,
    find_check,
    make_code_cell,
    make_markdown_cell,
    make_notebook,
    parse_notebook,
    read_notebook,
    serialize_notebook,
    source_of,
)


def form(minor=5, **changes):
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# 제목\n", "본문"]},
        {
            "cell_type": "code",
            "metadata": {"tags": ["try-out"]},
            "execution_count": 3,
            "source": "x = 1",
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "y" * 1_000_000}],
        },
        {"cell_type": "raw", "metadata": {}, "source": ""},
    ]
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": {}, "cells": cells, **changes}


def parse(data, encoding="utf-8"):
    return parse_notebook(json.dumps(data, ensure_ascii=False).encode(encoding))


def sources(parsed):
    return [source_of(cell) for cell in parsed.cells]


@pytest.mark.parametrize("minor", range(6))
def test_every_minor_version_of_format_4_is_read(minor):
    parsed = parse(form(minor))
    assert sources(parsed) == ["# 제목\n본문", "x = 1", ""]
    assert [cell.cell_type for cell in parsed.cells] == ["markdown", "code", "raw"]
    assert (parsed.nbformat, parsed.nbformat_minor) == (4, 5)
    nbformat.validate(parsed)


def test_stored_outputs_are_dropped():
    parsed = parse(form())
    assert parsed.cells[1].outputs == []
    assert parsed.cells[1].execution_count is None
    assert len(serialize_notebook(parsed)) < 2_000


def test_metadata_of_cells_is_kept():
    assert parse(form()).cells[1].metadata.tags == ["try-out"]


def test_cell_ids_are_kept_and_made_where_there_are_none():
    data = form()
    data["cells"][1]["id"] = "answer-1"
    parsed = parse(data)
    assert parsed.cells[1].id == "answer-1"
    assert all(cell.id for cell in parsed.cells)


def test_a_byte_order_mark_is_no_matter():
    assert len(parse(form(), "utf-8-sig").cells) == 3


def test_a_notebook_without_metadata_or_kernelspec_is_read():
    data = form()
    del data["metadata"], data["nbformat_minor"]
    for cell in data["cells"]:
        del cell["metadata"]
    assert len(parse(data).cells) == 3


@pytest.mark.parametrize(
    "change",
    [{"metadata": None}, {"metadata": []}, {"nbformat_minor": "x"}, {"nbformat": 5}, {"extra": 1}],
    ids=repr,
)
def test_damage_that_costs_nothing_is_passed_over(change):
    assert len(parse(form(**change)).cells) == 3


def test_cells_that_are_none_are_left_out():
    data = form()
    data["cells"] += [None, "x", 5, {}, {"cell_type": "code", "source": None, "metadata": 3}]
    parsed = parse(data)
    assert len(parsed.cells) == 5
    assert list(dict(code_cells(parsed))) == [1, 2]


def test_half_a_surrogate_pair_is_replaced():
    data = form()
    data["cells"][1]["source"] = "x = '\ud800'"
    data["cells"][1]["metadata"] = {"note": "\ud800"}
    parsed = parse_notebook(json.dumps(data).encode())
    assert source_of(parsed.cells[1]) == "x = '?'"
    assert parse_notebook(serialize_notebook(parsed)).cells[1].metadata.note == "?"


def test_format_3_is_upgraded_without_its_outputs():
    cell = {
        "cell_type": "code",
        "input": ["x = 1\n", "x"],
        "language": "python",
        "outputs": [{"output_type": "pyout", "text": ["1"], "prompt_number": 1}],
        "collapsed": False,
    }
    heading = {"cell_type": "heading", "level": 2, "source": "제목"}
    parsed = parse(
        {
            "nbformat": 3,
            "nbformat_minor": 0,
            "metadata": {},
            "worksheets": [{"cells": [heading, cell]}],
        }
    )
    assert sources(parsed) == ["## 제목", "x = 1\nx"]
    assert parsed.cells[1].outputs == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x = 1\n",
        b"\x89PNG\r\n",
        b"PK\x03\x04",
        b"[]",
        b"null",
        b'"cells"',
        b"{}",
        b'{"worksheets": []}',
        b'{"cells": 5}',
        b'{"cells": [{"cell_type": "code", "source": 5, "id": []}], "nbformat": "four"}',
        b'{"nbformat": 3, "worksheets": 5}',
        b'{"nbformat": 2, "cells": []}',
        b"[" * 100_000,
        '{"cells": []}'.encode("utf-16"),
        b'{"cells": [\xff]}',
    ],
    ids=range(16),
)
def test_what_is_no_notebook_is_the_students_to_mend(content):
    with pytest.raises(SubmissionError, match="not a notebook"):
        parse_notebook(content)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "cells",
                        "source",
                        "cell_type",
                        "metadata",
                        "nbformat",
                        "worksheets",
                        "id",
                        "outputs",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_any_json_is_a_notebook_or_refused(data):
    try:
        parsed = parse_notebook(json.dumps(data).encode())
    except SubmissionError:
        return
    serialize_notebook(parsed)


def test_a_notebook_over_the_bound_is_refused(monkeypatch):
    monkeypatch.setattr(notebook, "MAX_NOTEBOOK_BYTES", 1_000_000)
    with pytest.raises(SubmissionError, match="notebook of 3 MB is larger than 1 MB"):
        parse_notebook(b" " * 3_000_000)


def test_the_same_content_gives_the_same_bytes():
    first = make_notebook([make_code_cell("x = 1", tags=["a"]), make_markdown_cell("글")])
    second = make_notebook([make_code_cell("x = 1", tags=["a"]), make_markdown_cell("글")])
    assert first.cells[0].id != second.cells[0].id
    assert serialize_notebook(first) == serialize_notebook(second)
    assert serialize_notebook(parse_notebook(serialize_notebook(first))) == serialize_notebook(
        first
    )


def test_serializing_leaves_the_notebook_as_it_was():
    made = make_notebook([make_code_cell("x")])
    before = made.cells[0].id
    content = serialize_notebook(made)
    assert made.cells[0].id == before
    assert content.endswith(b"}\n")
    nbformat.validate(nbformat.reads(content.decode(), as_version=4))


def test_a_file_is_read_with_or_without_its_outputs(tmp_path):
    path = tmp_path / "a.ipynb"
    cell = make_code_cell("1")
    cell.outputs = [notebook.make_output({"output_type": "stream", "name": "stdout", "text": "1"})]
    path.write_bytes(serialize_notebook(make_notebook([cell])))
    assert read_notebook(path).cells[0].outputs == []
    assert read_notebook(path, keep_outputs=True).cells[0].outputs[0].text == "1"


@pytest.mark.parametrize(
    ("source", "question"),
    [
        ('grader.check("q1")', "q1"),
        ("grader . check( 'q2_a' )", "q2_a"),
        ("x = 1\n  grader.check('q3')  # check", "q3"),
        ("# grader.check('q1')", None),
        ("grader.check_all()", None),
        ("print(grader.check)", None),
    ],
)
def test_the_question_that_a_cell_checks_is_found(source, question):
    assert find_check(source) == question
