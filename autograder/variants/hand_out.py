"""Hands variants out: a zip for each student with nothing but their own, and a list for staff."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.report.export.table import disarm_cell
from autograder.report.grades import write_table
from autograder.report.writer import write_whole
from autograder.schema import read_files
from autograder.submit.name import make_unique_names
from autograder.variants.allocation import Allocation, allocate
from autograder.variants.handed_out import Given, read_handed_out, write_handed_out
from autograder.variants.pool import PoolFolder
from autograder.variants.record import read_record
from autograder.variants.roster import Enrolled

ALLOCATION_FILE = "allocation.csv"
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Handout:
    """What one student gets."""

    student: str
    variant: str
    file: str


def hand_out(
    pool: PoolFolder,
    students: Sequence[Enrolled],
    secret: bytes,
    output: Path,
    observe: Callable[[str], None],
) -> tuple[Allocation, list[Handout]]:
    """Give every student a variant, and write it to `output`.

    Files come before the list, and what is kept of whom comes last: after an interruption the same
    command goes on.

    Args:
        pool: the variants; those that are verified are given.
        students: of the roster.
        secret: of the assessment.
        output: folder for the zips and `allocation.csv`.
        observe: told each student.

    Raises:
        UsageError: if no variant is verified.
    """
    states = {item.name: read_record(pool.folder, item).state for item in pool.pool.variants}
    names = [name for name, state in states.items() if state == "verified"]
    if not names:
        step = f"run `autograder variants verify {pool.pool.assessment}`"
        raise UsageError(f"no variant of {pool.pool.assessment} is verified; {step}")
    earlier = read_handed_out(pool.folder)
    gone = [name for name, state in states.items() if state in ("dropped", "failed")]
    ids = [one.student for one in students]
    allocation = allocate(ids, names, secret, earlier.by_student, gone)
    made = []
    zips: dict[str, bytes] = {}
    for one, stem in zip(students, make_unique_names(ids), strict=True):
        variant = allocation.variants[one.student]
        if variant not in zips:
            zips[variant] = pack_student(pool, variant)
        write_whole(output / f"{stem}.zip", zips[variant])
        made.append(Handout(one.student, variant, f"{stem}.zip"))
        observe(one.student)
    write_whole(output / ALLOCATION_FILE, _write_list(made, allocation).encode("utf-8-sig"), 0o600)
    given = [
        Given(student=one.student, variant=allocation.variants[one.student], also=one.also)
        for one in students
    ]
    write_handed_out(pool.folder, earlier.add(given))
    return allocation, made


def pack_student(pool: PoolFolder, variant: str) -> bytes:
    """Zip of what the students of a variant get, in a folder of the assessment's name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in read_files(pool.folder / variant / "student").items():
            info = zipfile.ZipInfo(f"{pool.pool.assessment}/{name}", _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def _write_list(made: Sequence[Handout], allocation: Allocation) -> str:
    rows = [["student", "variant", "file", "earlier variant"]]
    rows += [
        [disarm_cell(one.student), one.variant, one.file, allocation.moved.get(one.student, "")]
        for one in made
    ]
    return write_table(rows)
