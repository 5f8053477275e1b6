"""A small assessment with parameters that reach its text, code, tests and data."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.assign import build_release, publish_release
from autograder.course import Course
from autograder.notebook import (
    make_code_cell,
    make_markdown_cell,
    make_notebook,
    serialize_notebook,
)
from autograder.variants.build import build_pool
from autograder.variants.pool import PoolFolder
from autograder.variants.record import read_record, write_record
from tests.assign.conftest import code, question

NAME = "a01_numbers"
SETTINGS = """
language = "en"
[variants.parameters]
size = { range = [2, 9] }
noise = { choices = [0.1, 0.2] }
"""
DATA = """
from autograder.variants.streams import make_stream

def make_data(seed, variant):
    first, second = make_stream(seed, "q1"), make_stream(seed, "q2")
    x = first.normal(0, variant["noise"], 5)
    return {"train": {"x": x}, "hidden": {"y": second.normal(0, variant["noise"], 5)}}
"""


def cells():
    return [
        make_markdown_cell("# Numbers\nTwice **{{ VARIANT.size }}**, and $e^{x_{i}}$."),
        make_code_cell('import numpy as np\n\nVARIANT = {"size": 5}  # yours'),
        *question(
            "name: q1\npoints: 2",
            code("assert isinstance(answer, int)\nassert answer > VARIANT['size']"),
            code("# HIDDEN\nassert answer == 2 * VARIANT['size'] and VARIANT['noise'] < 1"),
            solution='answer = 2 * VARIANT["size"]  # SOLUTION',
        ),
    ]


class Desk:
    """A course with one assessment, to be changed before it is built."""

    def __init__(self, folder: Path) -> None:
        self.course = Course(folder)
        self.source = folder / "solutions" / NAME
        self.source.mkdir(parents=True)
        self.write("assessment.toml", SETTINGS)
        self.write("data.py", DATA)
        self.save(cells())

    def write(self, name: str, text: str) -> None:
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def save(self, written) -> None:
        for number, cell in enumerate(written):
            cell.id = f"cell-{number}"
        content = serialize_notebook(make_notebook(written))
        (self.source / f"{NAME}.ipynb").write_bytes(content)

    def publish(self) -> None:
        """Build the release without variants; its master is not graded here."""
        publish_release(build_release(self.course.folder, NAME), self.course.folder)

    def build(self, count: int = 3) -> PoolFolder:
        return build_pool(self.course, NAME, count, lambda name: None)


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk(tmp_path)


def approve(pool: PoolFolder, *states: str) -> list[str]:
    """Say of each variant what state it is in (all verified where none is named); their names."""
    for number, item in enumerate(pool.pool.variants):
        state = states[number] if states else "verified"
        record = read_record(pool.folder, item).model_copy(update={"state": state})
        write_record(pool.folder, item.name, record)
    return [item.name for item in pool.pool.variants]
