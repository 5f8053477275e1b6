"""The `autograder` command. Each command's work is in `pipeline`; only words are here.

Nothing heavy is imported before a command runs: `autograder --help` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from autograder import __version__
from autograder.errors import AuthoringError, GraderError, UsageError

app = typer.Typer(
    name="autograder",
    help="Auto-graded deep-learning assignments: hidden tests never meet student code.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

image_app = typer.Typer(help="The autograder container image.", no_args_is_help=True)
app.add_typer(image_app, name="image")

Ids = Annotated[list[str], typer.Argument(help="Assessments, such as a01_digits.", metavar="ID…")]
Id = Annotated[str, typer.Argument(help="Assessment, such as a01_digits.", metavar="ID")]
CourseOption = Annotated[
    Path, typer.Option("--course", help="Course folder (holds solutions/).", metavar="PATH")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON for machines.")]
SandboxOption = Annotated[
    str,
    typer.Option(
        "--sandbox",
        help="Where student code runs: fork, container, process.",
        show_default="fork on Linux",
    ),
]
WallsOption = Annotated[
    str | None,
    typer.Option(
        "--walls",
        envvar="AUTOGRADER_WALLS",
        help="Walls without which nothing runs, comma-separated; `autograder doctor` lists them.",
        show_default="one for every protection",
    ),
]
WorkersOption = Annotated[
    int, typer.Option("--workers", help="Gradings at a time; 0 means one per core.", min=0)
]
InsideOption = Annotated[
    bool,
    typer.Option("--in-container", help="Run this command in a container of the image."),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", help="Results folder; results/ID in the course where not given."),
]
HERE = Path()


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"keras-autograder {__version__}")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Take what all commands share."""


@app.command()
def assign(
    ids: Ids,
    course: CourseOption = HERE,
    sandbox: SandboxOption = "",
    walls: WallsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build the student release and the hidden bundle; run the master through the grader."""
    from autograder.cli import authoring  # noqa: PLC0415 - loads what only this command needs

    _leave(authoring.assign(ids, course, authoring.Where(sandbox, walls), as_json=as_json))


@app.command()
def verify(
    ids: Ids,
    course: CourseOption = HERE,
    sandbox: SandboxOption = "",
    walls: WallsOption = None,
    workers: WorkersOption = 0,
    in_container: InsideOption = False,
    as_json: JsonOption = False,
) -> None:
    """Grade the labelled reference submissions and compare with their labels."""
    from autograder.cli import authoring, inside  # noqa: PLC0415 - loads what only this command needs

    where = authoring.Where(sandbox, walls, workers)
    run = inside.verify_inside if in_container else authoring.verify
    _leave(run(ids, course, where, as_json=as_json))


@app.command()
def grade(
    assessment: Id,
    uploads: Annotated[
        list[Path],
        typer.Argument(help="Notebooks, folders or zips; also bulk downloads.", metavar="PATH…"),
    ],
    output: OutputOption = None,
    course: CourseOption = HERE,
    sandbox: SandboxOption = "",
    walls: WallsOption = None,
    executor: Annotated[str, typer.Option(help="Where gradings run.")] = "local",
    workers: WorkersOption = 0,
    in_container: InsideOption = False,
    as_json: JsonOption = False,
) -> None:
    """Grade submissions; write results, feedback pages and the class page."""
    from autograder.cli import grading, inside  # noqa: PLC0415 - loads what only this command needs

    options = grading.GradeOptions(course, output, sandbox, executor, workers, walls, as_json)
    run = inside.grade_inside if in_container else grading.grade
    _leave(run(assessment, uploads, options))


@app.command()
def report(
    assessment: Id,
    output: OutputOption = None,
    course: CourseOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write the feedback pages and the class page again from kept results."""
    from autograder.cli import grading  # noqa: PLC0415 - loads what only this command needs

    _leave(grading.report(assessment, course, output, as_json=as_json))


@image_app.command("build")
def build_image(
    base: Annotated[
        str,
        typer.Option(
            help="Base image, or `debian`: made of this machine's packages, without a registry.",
            metavar="IMAGE",
        ),
    ] = "python:3.11-slim",
    tag: Annotated[
        str, typer.Option(help="Name of the image.", show_default="this version's own")
    ] = "",
    engine: Annotated[
        str, typer.Option(help="podman or docker.", show_default="the first that answers")
    ] = "",
) -> None:
    """Make the image of the grader that containers run; quick where nothing has changed."""
    from autograder.cli import image  # noqa: PLC0415 - loads what only this command needs

    _leave(image.build(base, tag, engine))


@app.command()
def doctor(
    sandbox: SandboxOption = "", walls: WallsOption = None, as_json: JsonOption = False
) -> None:
    """Run into every wall from inside, and say which hold on this machine."""
    from autograder.cli import doctor as examination  # noqa: PLC0415 - loads what only this needs

    _leave(examination.examine_machine(sandbox, walls, as_json=as_json))


def _leave(code: int) -> NoReturn:
    raise typer.Exit(code)


def main() -> None:
    """Run the command line; problems of staff and users are listed, not traced."""
    try:
        app()
    except AuthoringError as error:
        for problem in error.problems:
            print(f"✗ {problem}", file=sys.stderr)  # noqa: T201 - the command line's own voice
        print(f"{len(error.problems)} problem(s); nothing was written.", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except UsageError as error:
        print(f"✗ {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except GraderError as error:
        print(f"✗ grader: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
