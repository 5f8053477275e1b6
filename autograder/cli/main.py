"""The `autograder` command. Each command's work is in `pipeline`; only words are here.

Nothing heavy is imported before a command runs: `autograder --help` answers at once.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder import __version__
from autograder.cli.authors import assign, calibrate, verify
from autograder.cli.options import (
    HERE,
    ArtifactsOption,
    CourseOption,
    ExecutorOption,
    Id,
    InsideOption,
    JsonOption,
    MemoryOption,
    OutputOption,
    SandboxOption,
    StoreOption,
    WallsOption,
    WorkersOption,
    leave,
)
from autograder.cli.variants import variants_app
from autograder.errors import AuthoringError, GraderError, UsageError
from autograder.executor import LOCAL

if TYPE_CHECKING:
    from autograder.cli.grading import GradeOptions

# Between two looks for garbage. Python's own 700 had it look through what imports leave for good
# over and over: a sixth of the CPU time of a small class's grader.
_NEW_OBJECTS = 10_000

app = typer.Typer(
    name="autograder",
    help="Auto-graded deep-learning assignments: hidden tests never meet student code.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

image_app = typer.Typer(help="The autograder container image.", no_args_is_help=True)
app.add_typer(image_app, name="image")
store_app = typer.Typer(help="What gradings are kept in.", no_args_is_help=True)
app.add_typer(store_app, name="store")
app.add_typer(variants_app, name="variants")


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


for _command in (assign, verify, calibrate):
    app.command()(_command)


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
    executor: ExecutorOption = LOCAL,
    workers: WorkersOption = 0,
    memory: MemoryOption = 0,
    store: StoreOption = "",
    artifacts: ArtifactsOption = "",
    in_container: InsideOption = False,
    as_json: JsonOption = False,
) -> None:
    """Grade submissions; write results, feedback pages and the class page."""
    from autograder.cli.early import load_early  # noqa: PLC0415 - loads what only this needs

    with load_early(course, assessment, executor, workers, here=not in_container) as ancestor:
        from autograder.cli import grading  # noqa: PLC0415 - only now, while TensorFlow loads
        from autograder.services import Choice, Place  # noqa: PLC0415 - the same

        place = Place(store, artifacts)
        choice = Choice(sandbox, executor, workers, walls, place, memory, ancestor=ancestor)
        run = grading.grade
        if in_container:
            from autograder.cli.inside import grade_inside as run  # noqa: PLC0415 - only here
        leave(run(assessment, uploads, grading.GradeOptions(course, output, choice, as_json)))


@app.command()
def regrade(
    assessment: Id,
    since: Annotated[
        str,
        typer.Option(
            help="Only results of the bundle whose hash begins so.",
            metavar="REV",
            show_default="every result of an earlier bundle",
        ),
    ] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Let the latest regrade count.")] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Take the latest applied regrade back.")
    ] = False,
    output: OutputOption = None,
    course: CourseOption = HERE,
    sandbox: SandboxOption = "",
    walls: WallsOption = None,
    executor: ExecutorOption = LOCAL,
    workers: WorkersOption = 0,
    store: StoreOption = "",
    artifacts: ArtifactsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Score kept submissions again after a test changed, without training; show who changes."""
    from autograder.cli import grading, regrading  # noqa: PLC0415 - loads what only this needs
    from autograder.services import Choice, Place  # noqa: PLC0415 - the same

    if apply and rollback:
        raise UsageError("choose one of `--apply` and `--rollback`")
    choice = Choice(sandbox, executor, workers, walls, Place(store, artifacts))
    options = grading.GradeOptions(course, output, choice, as_json)
    if apply or rollback:
        leave(regrading.settle(assessment, options, back=rollback))
    leave(regrading.rescore(assessment, options, since))


@app.command()
def report(
    assessment: Id,
    output: OutputOption = None,
    course: CourseOption = HERE,
    store: StoreOption = "",
    artifacts: ArtifactsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write the feedback pages and the class page again from kept results."""
    from autograder.cli import grading  # noqa: PLC0415 - loads what only this command needs

    leave(grading.report(assessment, _find_results(course, output, (store, artifacts), as_json)))


@app.command()
def export(
    assessment: Id,
    target: Annotated[
        str, typer.Option("--to", help="canvas, moodle, gradescope, csv.", metavar="PLATFORM")
    ],
    roster: Annotated[
        Path | None,
        typer.Option("--roster", help="The platform's list of students, as it exports it."),
    ] = None,
    column: Annotated[
        str,
        typer.Option(
            "--column", help="The platform's name for the assignment.", show_default="the title"
        ),
    ] = "",
    attempt: Annotated[
        str, typer.Option(help="Which submission of a student counts: latest or best.")
    ] = "latest",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", help="File to write.", show_default="<results>/export/ID-PLATFORM.csv"
        ),
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option("--results", help="Results folder.", show_default="results/ID"),
    ] = None,
    course: CourseOption = HERE,
    store: StoreOption = "",
    artifacts: ArtifactsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write grades for a learning platform; list whose are missing, and why."""
    from autograder.cli import export as exporting  # noqa: PLC0415 - loads what only this needs
    from autograder.services import Place  # noqa: PLC0415 - the same

    place = Place(store, artifacts)
    command = exporting.ExportCommand(
        course, results, output, roster, column, attempt, as_json, place
    )
    leave(exporting.export(assessment, target, command))


@app.command()
def worker(
    scheduler: Annotated[
        str, typer.Argument(help="Dask scheduler, such as host:8786.", metavar="SCHEDULER")
    ],
    workers: WorkersOption = 0,
    name: Annotated[str, typer.Option(help="Of this machine.", show_default="its host name")] = "",
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for a scheduler that is not there.", min=0)
    ] = 600.0,
    tls_ca_file: Annotated[str, typer.Option("--tls-ca-file", help="Whom both sides trust.")] = "",
    tls_cert: Annotated[str, typer.Option("--tls-cert", help="This machine's certificate.")] = "",
    tls_key: Annotated[str, typer.Option("--tls-key", help="The key of it.")] = "",
) -> None:
    """Offer this machine to graders that use `--executor dask://…`, until Ctrl-C."""
    from autograder.cli import worker as working  # noqa: PLC0415 - loads what only this needs
    from autograder.executor.nanny import WorkerOptions  # noqa: PLC0415 - the same

    options = WorkerOptions(workers, name, wait, tls_ca_file, tls_cert, tls_key)
    leave(working.work(scheduler, options))


@store_app.command("size")
def measure_store(
    assessment: Id,
    output: OutputOption = None,
    course: CourseOption = HERE,
    store: StoreOption = "",
    artifacts: ArtifactsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Print how much is kept, and what keeping it once saves."""
    from autograder.cli import storing  # noqa: PLC0415 - loads what only this command needs

    leave(storing.measure(assessment, _find_results(course, output, (store, artifacts), as_json)))


@store_app.command("gc")
def sweep_store(
    assessment: Id,
    older_than: Annotated[
        float | None,
        typer.Option(
            "--older-than",
            help="Let go of artifacts of gradings that count no more, older than so many days.",
            min=0,
            metavar="DAYS",
        ),
    ] = None,
    output: OutputOption = None,
    course: CourseOption = HERE,
    store: StoreOption = "",
    artifacts: ArtifactsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Remove what no grading refers to; results always stay."""
    from autograder.cli import storing  # noqa: PLC0415 - loads what only this command needs

    options = _find_results(course, output, (store, artifacts), as_json)
    leave(storing.sweep(assessment, options, older_than))


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

    leave(image.build(base, tag, engine))


@app.command()
def doctor(
    sandbox: SandboxOption = "", walls: WallsOption = None, as_json: JsonOption = False
) -> None:
    """Run into every wall from inside, and say which hold on this machine."""
    from autograder.cli import doctor as examination  # noqa: PLC0415 - loads what only this needs

    leave(examination.examine_machine(sandbox, walls, as_json=as_json))


def _find_results(
    course: Path, output: Path | None, place: tuple[str, str], as_json: bool
) -> GradeOptions:
    """Options of a command that grades nothing: where results are, in which store."""
    from autograder.cli.grading import GradeOptions  # noqa: PLC0415 - loads what only some need
    from autograder.services import Choice, Place  # noqa: PLC0415 - the same

    return GradeOptions(course, output, Choice(place=Place(*place)), as_json)


def main() -> None:
    """Run the command line; problems of staff and users are listed, not traced."""
    gc.set_threshold(_NEW_OBJECTS)
    try:
        app()
    except AuthoringError as error:
        for problem in error.problems:
            print(f"✗ {problem}", file=sys.stderr)  # noqa: T201 - the command line's own voice
        print(f"{len(error.problems)} problem(s); nothing was published.", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except UsageError as error:
        print(f"✗ {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except GraderError as error:
        print(f"✗ grader: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
