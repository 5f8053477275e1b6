"""The pool: every variant whole in its folder, all of them or none."""

import json
import subprocess
import sys

import numpy as np
import pytest

from autograder.cli import pools
from autograder.errors import AuthoringError, UsageError
from autograder.notebook import make_markdown_cell, read_notebook, source_of
from autograder.schema import read_bundle
from autograder.variants.handed_out import Given, HandedOut, write_handed_out
from autograder.variants.pool import find_pool
from tests.variants.conftest import DATA, NAME, SETTINGS, cells


def test_each_variant_has_its_own_release_and_bundle(desk):
    pool = desk.build(4)
    for item in pool.pool.variants:
        folder = pool.folder / item.name
        bundle = read_bundle(folder / "bundle").bundle
        assert (bundle.variant, bundle.content) == (item.name, item.bundle)
        student = read_notebook(folder / "student" / f"{NAME}.ipynb")
        assert student.metadata["autograder"]["variant"] == item.name
        shown = f'VARIANT = {{"size": {item.values["size"]}}}  # yours'
        assert sum(shown in source_of(cell) for cell in student.cells) == 1
        text = (folder / "student" / f"{NAME}.ipynb").read_text("utf-8")
        assert f"Twice **{item.values['size']}**, and $e^{{x_{{i}}}}$." in text
        assert "noise" not in text
        with np.load(folder / "student/data/train.npz") as arrays:
            assert arrays["x"].shape == (5,)
    assert len({item.bundle for item in pool.pool.variants}) == 4
    assert find_pool(desk.course, NAME) == pool


def test_the_same_pool_is_the_same_bytes_and_processes_change_nothing(desk):
    few = desk.build(4)
    kept = {path: path.read_bytes() for path in few.folder.rglob("*") if path.is_file()}
    many = desk.build(6)  # so many are built by several processes
    assert many.pool.variants[:4] == few.pool.variants
    for path, content in kept.items():
        assert path.name == "pool.json" or path.read_bytes() == content


def test_neither_tensorflow_nor_a_kernel_is_needed(desk):
    code = f"""
import sys
from pathlib import Path
from autograder.course import Course
from autograder.variants.build import build_pool
build_pool(Course(Path({str(desk.course.folder)!r})), {NAME!r}, 3, print)
assert not {{"tensorflow", "keras", "autograder.grade"}} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == 3


def test_a_variant_that_cannot_be_built_leaves_the_earlier_pool(desk):
    pool = desk.build(3)
    before = {path: path.read_bytes() for path in pool.folder.rglob("*") if path.is_file()}
    desk.write(
        "data.py", DATA + "    # never\n" + DATA.replace("x = first", "1 / 0\n    x = first")
    )
    with pytest.raises(AuthoringError) as caught:
        desk.build(3)
    assert len(caught.value.problems) == 3
    assert "with size = " in str(caught.value)
    assert {path: path.read_bytes() for path in pool.folder.rglob("*") if path.is_file()} == before


def test_variants_without_a_difference_are_told(desk):
    desk.write("assessment.toml", SETTINGS + "idle = { choices = [1, 2, 3] }\n")
    with pytest.raises(AuthoringError, match="are the same but for idle"):
        desk.build(30)


def test_variants_that_students_have_are_not_lost(desk):
    pool = desk.build(4)
    last = pool.pool.variants[-1].name
    write_handed_out(pool.folder, HandedOut(students=(Given(student="kim", variant=last),)))
    with pytest.raises(UsageError, match=last):
        desk.build(3)
    assert len(desk.build(5).pool.variants) == 5


def test_a_smaller_pool_removes_the_others(desk):
    gone = desk.build(4).pool.variants[-1].name
    pool = desk.build(3)
    assert not (pool.folder / gone).exists()


def test_a_later_build_without_a_number_makes_as_many(desk):
    assert pools.build(desk.course, NAME, None) is None
    assert len(pools.build(desk.course, NAME, 3).pool.variants) == 3
    desk.save([*cells(), make_markdown_cell("A correction")])
    again = pools.build(desk.course, NAME, None)
    assert len(again.pool.variants) == 3
    text = (again.folder / again.pool.variants[0].name / "student" / f"{NAME}.ipynb").read_text()
    assert "A correction" in text


def test_a_damaged_pool_is_told(desk):
    pool = desk.build(2)
    (pool.folder / "pool.json").write_text(json.dumps({"assessment": 3}))
    with pytest.raises(UsageError, match="cannot be read; build it again"):
        find_pool(desk.course, NAME)
