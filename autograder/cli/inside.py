"""The same command in a container of the image: which files it may see, and its command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.cli.grading import GradeOptions
from autograder.cli.mutants import MutantOptions
from autograder.course import Course
from autograder.errors import UsageError
from autograder.image import InsideOptions, run_inside
from autograder.sandbox.image import find_image_inside
from autograder.services import Choice


def grade_inside(assessment: str, uploads: Sequence[Path], options: GradeOptions) -> int:
    """Exit code of `autograder grade` in a container that sees the bundle and the submissions."""
    choice = options.choice
    _check(choice.sandbox)
    if choice.place.store:
        raise UsageError("a container has no network: leave out `--store` or `--in-container`")
    course = Course(options.course.resolve())
    course.find_bundle(assessment)
    output = (options.output or course.results(assessment)).resolve()
    places = tuple(path.resolve() for path in uploads)
    command = [
        *("grade", assessment, *map(str, places)),
        *("--course", str(course.folder), "--output", str(output)),
        *("--executor", choice.executor, "--workers", str(choice.workers)),
        *(["--memory", str(choice.memory_mib)] if choice.memory_mib else []),
        *_name_walls(choice.sandbox, choice.walls),
        *(["--json"] if options.as_json else []),
    ]
    readable = (course.folder / "build" / assessment, *places)
    return run_inside(command, InsideOptions(readable, (output,)))


def verify_inside(
    ids: Sequence[str],
    course: Path,
    choice: Choice,
    mutants: MutantOptions | None = None,
    *,
    as_json: bool,
) -> int:
    """Exit code of `autograder verify` in a container that can write nothing."""
    _check(choice.sandbox)
    here = Course(course.resolve())
    readable = []
    for assessment in ids:
        here.find_bundle(assessment)
        folders = (("build", assessment), ("assignments", assessment))
        readable += [here.folder.joinpath(*parts) for parts in folders]
        readable.append(here.folder / "solutions" / assessment / "reference")
    command = [
        *("verify", *ids, "--course", str(here.folder), "--workers", str(choice.workers)),
        *_name_walls(choice.sandbox, choice.walls),
        *(mutants.arguments if mutants else []),
        *(["--json"] if as_json else []),
    ]
    return run_inside(command, InsideOptions(tuple(readable)))


def _check(sandbox: str) -> None:
    if sandbox == "container":
        advice = "leave out one of `--in-container` and `--sandbox container`"
        raise UsageError(f"containers are not started inside a container; {advice}")
    if find_image_inside():
        raise UsageError("this is a container already; leave out `--in-container`")


def _name_walls(sandbox: str, walls: str | None) -> list[str]:
    chosen = ["--sandbox", sandbox] if sandbox else []
    return chosen if walls is None else [*chosen, "--walls", walls]
