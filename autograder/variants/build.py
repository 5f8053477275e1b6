"""Builds the pool: the release of every variant, on all cores, without running a notebook.

All or none: variants are built aside and take their places together. Left out: whether they are
sound (`trial`) and equally hard (`equivalence`).
"""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.assign import VariantBuilder, hash_release, publish_variant
from autograder.course import Course
from autograder.errors import AuthoringError, Problem, UsageError
from autograder.machine import count_cores
from autograder.report.writer import write_whole
from autograder.schema import Variant, read_assessment_config
from autograder.variants.draw import draw_variants
from autograder.variants.handed_out import read_handed_out
from autograder.variants.pool import (
    POOL_FILE,
    Built,
    Pool,
    PoolFolder,
    find_folder,
)

_FEW = 4  # variants that are built sooner here than processes start
_MOST_PROBLEMS = 20
_STAGE = ".new"


@dataclass(frozen=True)
class _Order:
    """A variant to build, for a process of workers."""

    course: Path
    assessment: str
    variant: Variant
    target: Path


@dataclass(frozen=True)
class _Made:
    """What came of it: its bundle's hash and its content's, or problems."""

    variant: Variant
    bundle: str = ""
    content: str = ""
    problems: tuple[Problem, ...] = ()


def build_pool(
    course: Course, assessment: str, count: int, observe: Callable[[str], None]
) -> PoolFolder:
    """Build `count` variants in place of the pool that there is.

    Args:
        course: where the assessment is; its release without variants has been built.
        assessment: its id.
        count: of variants.
        observe: told the name of each that was built.

    Raises:
        AuthoringError: with what is wrong with some, or where two have the same content.
        UsageError: if there are not so many, or students have some that would be gone.
    """
    config = read_assessment_config(course.folder / "solutions" / assessment / "assessment.toml")
    variants = draw_variants(assessment, config, count)
    folder = find_folder(course, assessment)
    _keep_handed_out(folder, assessment, variants)
    stage = folder / _STAGE
    shutil.rmtree(stage, ignore_errors=True)
    try:
        orders = [_Order(course.folder, assessment, item, stage / item.name) for item in variants]
        made = list(_build_all(orders, observe))
        problems = _list_problems(made) + _list_doubles(made, variants)
        if problems:
            raise AuthoringError(problems)
        return _settle(folder, assessment, {item.variant.name: item for item in made}, variants)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        _build_with.cache_clear()


def _keep_handed_out(folder: Path, assessment: str, variants: Sequence[Variant]) -> None:
    """Refuse to lose variants that students have.

    Raises:
        UsageError: in that case.
    """
    names = {item.name for item in variants}
    gone = sorted(set(read_handed_out(folder).by_student.values()) - names)
    if gone:
        raise UsageError(
            f"{assessment}: students have variants that would be gone ({', '.join(gone[:5])}"
            f"{', …' if len(gone) > 5 else ''}); build at least as many with the same parameters "
            f"and seed, or move {folder} away"
        )


def _build_all(orders: Sequence[_Order], observe: Callable[[str], None]) -> Iterator[_Made]:
    for made in _run(orders):
        observe(made.variant.name)
        yield made


def _run(orders: Sequence[_Order]) -> Iterator[_Made]:
    workers = min(count_cores(), len(orders))
    if len(orders) <= _FEW or workers == 1:
        yield from map(_build, orders)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        for finished in as_completed([pool.submit(_build, order) for order in orders]):
            yield finished.result()


def _build(order: _Order) -> _Made:
    """Build and write one variant; in a process of workers, so problems are a value."""
    try:
        release = _build_with(order.course, order.assessment).build(order.variant)
    except AuthoringError as error:
        return _Made(order.variant, problems=error.problems)
    publish_variant(release, order.target)
    return _Made(order.variant, release.bundle.content, hash_release(release))


@cache
def _build_with(course: Path, assessment: str) -> VariantBuilder:
    return VariantBuilder(course, assessment)


def _list_problems(made: Iterable[_Made]) -> list[Problem]:
    return list(dict.fromkeys(item for one in made for item in one.problems))[:_MOST_PROBLEMS]


def _list_doubles(made: Sequence[_Made], variants: Sequence[Variant]) -> list[Problem]:
    """Variants whose values differ, but nothing of what students get or are graded with."""
    by_name = {one.variant.name: one.content for one in made}
    first: dict[str, Variant] = {}
    problems = []
    for variant in variants:
        content = by_name[variant.name]
        if content and content in first:
            problems.append(_name_double(first[content], variant))
        first.setdefault(content, variant)
    return problems[:_MOST_PROBLEMS]


def _name_double(one: Variant, other: Variant) -> Problem:
    names = [name for name, value in one.values.items() if other.values[name] != value]
    what = f"variants {one.name} and {other.name} are the same but for {', '.join(names)}"
    fix = "use each parameter in a text, as `VARIANT`, or in data.py"
    return Problem("assessment.toml", what, fix)


def _settle(
    folder: Path, assessment: str, made: dict[str, _Made], variants: Sequence[Variant]
) -> PoolFolder:
    """Let what was built take its place."""
    for variant in variants:
        target = folder / variant.name
        shutil.rmtree(target, ignore_errors=True)
        (folder / _STAGE / variant.name).rename(target)
    pool = Pool(
        assessment=assessment,
        variants=tuple(
            Built(name=item.name, values=item.values, bundle=made[item.name].bundle)
            for item in variants
        ),
    )
    write_whole(folder / POOL_FILE, (pool.model_dump_json(indent=1) + "\n").encode())
    for path in folder.iterdir():
        if (path / "bundle").is_dir() and pool.find(path.name) is None:
            shutil.rmtree(path)
    return PoolFolder(pool, folder.resolve())
