"""What students get: their own variant and nothing else."""

import csv
import io
import zipfile

import pytest

from autograder.errors import UsageError
from autograder.variants.hand_out import hand_out
from autograder.variants.handed_out import read_handed_out
from autograder.variants.roster import Enrolled
from tests.variants.conftest import NAME, approve

SECRET = b"0123456789abcdef"
CLASS = [Enrolled(f"student {number}", (f"s{number}@x.kr",)) for number in range(12)]


def give(pool, output, students=CLASS):
    return hand_out(pool, students, SECRET, output, lambda name: None)


def test_each_student_gets_a_zip_of_one_variant(desk, tmp_path):
    pool = desk.build(3)
    approve(pool)
    allocation, made = give(pool, tmp_path / "out")
    assert len({one.variant for one in made}) > 1
    for one in made:
        with zipfile.ZipFile(tmp_path / "out" / one.file) as archive:
            assert archive.namelist() == [f"{NAME}/{NAME}.ipynb", f"{NAME}/data/train.npz"]
            text = archive.read(f"{NAME}/{NAME}.ipynb").decode()
        others = {item.name for item in pool.pool.variants} - {one.variant}
        assert one.variant in text
        assert not any(name in text for name in others)
    content = (tmp_path / "out/allocation.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert {row["student"]: row["variant"] for row in rows} == dict(allocation.variants)
    assert read_handed_out(pool.folder).by_alias["s3@x.kr"] == allocation.variants["student 3"]


def test_only_verified_variants_are_given_and_a_dropped_one_is_taken_back(desk, tmp_path):
    pool = desk.build(3)
    names = approve(pool, "verified", "verified", "built")
    _, first = give(pool, tmp_path / "out")
    assert {one.variant for one in first} == set(names[:2])
    approve(pool, "verified", "dropped", "verified")
    allocation, second = give(pool, tmp_path / "out", [*CLASS, Enrolled("new")])
    before = {one.student: one.variant for one in first}
    assert allocation.new == ("new",)
    assert set(allocation.moved) == {name for name, had in before.items() if had == names[1]}
    kept = {one.student: one.variant for one in second if before.get(one.student) == names[0]}
    assert set(kept.values()) == {names[0]}


def test_a_pool_that_is_not_verified_is_not_given(desk, tmp_path):
    pool = desk.build(2)
    with pytest.raises(UsageError, match="run `autograder variants verify a01_numbers`"):
        give(pool, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_variant_that_was_built_anew_must_be_verified_anew(desk, tmp_path):
    approve(desk.build(2))
    desk.write(
        "data.py",
        (desk.source / "data.py")
        .read_text("utf-8")
        .replace("x = first", "first.normal()\n    x = first"),
    )
    with pytest.raises(UsageError, match="no variant of a01_numbers is verified"):
        give(desk.build(2), tmp_path / "out")
