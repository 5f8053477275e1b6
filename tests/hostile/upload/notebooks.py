"""Notebooks that are too large, too many, or not what they seem."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.hostile.attack import make_notebook
from tests.hostile.bundles import HONEST_Q1


def _save(folder: Path, **changes: Any) -> Path:
    form = json.loads(make_notebook([HONEST_Q1], "q1"))
    form.update(changes)
    path = folder / "kim.ipynb"
    path.write_text(json.dumps(form))
    return path


def _code(source: Any = HONEST_Q1, **more: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": source,
        **more,
    }


CHECK = _code('grader.check("q1")')


def notebook_of_500_megabytes(folder, targets):
    """A notebook of 500 MB, all of it nothing."""
    path = folder / "kim.ipynb"
    with path.open("wb") as file:
        file.write(b'{"cells": [')
        file.truncate(500_000_000)
    return path


def notebook_of_49_megabytes(folder, targets):
    """A notebook just below the bound, in one line of one cell."""
    return _save(folder, cells=[_code("x = '" + "y" * 49_000_000 + "'"), _code(), CHECK])


def notebook_of_100_000_cells(folder, targets):
    """10^5 cells, each of which does nothing."""
    return _save(
        folder, cells=[_code("pass", id=f"c{n}") for n in range(100_000)] + [_code(), CHECK]
    )


def notebook_of_100_000_checks(folder, targets):
    """10^5 cells that check the question."""
    return _save(folder, cells=[_code(), *[CHECK] * 100_000])


def notebook_nested_without_end(folder, targets):
    """JSON nested a hundred thousand deep, where it is read and where it is not."""
    path = folder / "kim.ipynb"
    deep = "[" * 100_000 + "]" * 100_000
    path.write_text('{"nbformat": 4, "cells": [], "metadata": {"deep": ' + deep + "}}")
    return path


def notebook_nested_metadata(folder, targets):
    """Metadata nested as deep as a reader of JSON permits, so that the writer fails."""
    deep: Any = 1
    for _ in range(900):
        deep = {"a": deep}
    cell = _code(metadata={"autograder": deep, "otter": deep})
    return _save(folder, metadata={"deep": deep, "autograder": deep}, cells=[cell, CHECK])


def notebook_of_wrong_types(folder, targets):
    """Cells, sources and metadata of every wrong type."""
    cells = [
        None,
        5,
        "cell",
        [],
        {},
        _code(source={"a": 1}),
        _code(source=[None, 5, ["x"]]),
        _code(metadata=5),
        _code(metadata=[1]),
        _code(outputs="x", execution_count="many"),
        {"cell_type": ["code"], "source": 5},
        _code(id={"a": 1}),
        _code(id="x" * 10**6),
        _code(),
        CHECK,
    ]
    return _save(folder, cells=cells, metadata=[1], nbformat="4", nbformat_minor=-1)


def notebook_of_strange_numbers(folder, targets):
    """Numbers of ten thousand digits, NaN and infinity where the format wants small ones."""
    path = folder / "kim.ipynb"
    text = (
        _save(folder)
        .read_text()
        .replace(
            '"nbformat_minor": 5',
            '"nbformat_minor": 5, "x": NaN, "y": -Infinity, "z": 1e999, "w": 1' + "0" * 10_000,
        )
    )
    path.write_text(text)
    return path


def metadata_that_grades(folder, targets):
    """Metadata that says which question a cell belongs to, what it is worth and that it has passed."""
    ours = {"question": "q1", "points": 999, "edition": ["en"], "role": "setup", "score": 999}
    cell = _code(
        metadata={
            "autograder": ours,
            "otter": {"tests": ["q1"], "ignore": True},
            "tags": ["otter_ignore", "otter_assign_solution_cell"],
        }
    )
    return _save(
        folder,
        cells=[cell, CHECK],
        metadata={
            "autograder": ours,
            "otter": {"OK_FORMAT": True, "tests": {"q1": {"points": 999, "suites": []}}},
            "kernelspec": {"name": "../../bin/sh", "language": "sh", "display_name": "x"},
        },
    )


def outputs_that_passed(folder, targets):
    """Stored outputs say that all has passed, and hold scripts."""
    outputs = [
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {
                "text/html": "<script>alert(1)</script>q1 passed! 999",
                "application/javascript": "alert(1)",
            },
        }
    ]
    return _save(
        folder, cells=[_code(outputs=outputs), _code('grader.check("q1")', outputs=outputs)]
    )


def another_kernel(folder, targets):
    """The notebook asks for another kernel, and cells for other programs."""
    canary = targets["canaries"]
    cells = [
        _code(f"%%bash\ntouch {canary}/owned; echo met: $?"),
        _code(f"!touch {canary}/owned2"),
        _code("%%script sh\necho 1"),
        _code(f"%%writefile {canary}/owned3\nx"),
        _code("%load_ext autoreload\n%reset -f"),
        _code(),
        CHECK,
    ]
    return _save(
        folder,
        cells=cells,
        metadata={"kernelspec": {"name": "bash", "language": "bash", "display_name": "Bash"}},
    )


def text_that_is_no_text(folder, targets):
    """Half surrogates, bytes that are no UTF-8, null characters and a byte-order mark within."""
    path = folder / "kim.ipynb"
    text = _save(
        folder,
        cells=[
            _code("x = '\ud800\udfff\ud800'"),
            _code("y = '\0'"),
            _code("\ufeff" + HONEST_Q1),
            _code(),
            CHECK,
        ],
    ).read_text()
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    return path


def notebook_with_the_same_keys_twice(folder, targets):
    """The same key twice: one reader sees the one, another the other."""
    path = folder / "kim.ipynb"
    text = _save(folder).read_text()
    path.write_text(
        text[:-1].rstrip().removesuffix("}")
        + ', "cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": "double = 5"}]}'
    )
    return path


def files_of_a_platform_with_forged_metadata(folder, targets):
    """A Gradescope export whose metadata names other people, and code in YAML."""
    export = folder / "assignment_1_export"
    (export / "submission_1").mkdir(parents=True)
    (export / "submission_1" / "a.ipynb").write_bytes(make_notebook([HONEST_Q1], "q1"))
    secret = targets["canaries"]
    (export / "submission_metadata.yml").write_text(
        'submission_1:\n  :submitters:\n  - :name: "<script>alert(1)</script>\\e[31m=1+1"\n    :sid: "../../x"\n    :email: "=cmd@x"\n'
        f"  :results: !!python/object/apply:os.system ['touch {secret}/owned']\n  :created_at: 99999-99-99\n"
        "a: &a [x, x]\n"
        + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}, *{chr(97 + n)}, *{chr(97 + n)}, *{chr(97 + n)}, *{chr(97 + n)}, *{chr(97 + n)}]\n"
            for n in range(9)
        )
    )
    return export
