"""The `autograder` command. Each command's work is in `pipeline`; only words are here.

Nothing heavy is imported before a command runs: `autograder --help` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from autograder import __version__
from autograder.cli.options import (
    ArtifactsOption,
    CourseOption,
    ExecutorOption,
    Id,
    Ids,
    InsideOption,
    JsonOption,
    MemoryOption,
    OutputOption,
    SandboxOption,
    StoreOption,
    WallsOption,
    WorkersOption,
)
from autograder.cli.variants import variants_app
from autograder.errors import AuthoringError, GraderError, UsageError

if TYPE_CHECKING:
    from autograder.cli.grading import GradeOptions

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
    variants: Annotated[
        int | None,
        typer.Option(
            "--variants",
            help="Also build so many variants, with the parameters of assessment.toml.",
            min=1,
            show_default="as many as there are",
        ),
    ] = None,
    course: CourseOption = HERE,
    sandbox: SandboxOption = "",
    walls: WallsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build the student release and the hidden bundle; run the master through the grader."""
    from autograder.cli import authoring  # noqa: PLC0415 - loads what only this command needs
    from autograder.services import Choice  # noqa: PLC0415 - the same

    choice = Choice(sandbox, "inline", walls=walls)
    _leave(authoring.assign(ids, course, choice, variants, as_json=as_json))


@app.command()
def verify(
    ids: Ids,
    course: CourseOption = HERE,
    sandbox: SandboxOption = "",
    walls: WallsOption = None,
    workers: WorkersOption = 0,
    mutants: Annotated[
        bool,
        typer.Option("--mutants", help="Also grade the solution with one thing wrong at a time."),
    ] = False,
    most: Annotated[
        int, typer.Option("--most", help="Mutants of each assessment to try.", min=1)
    ] = 60,
    least_killed: Annotated[
        float | None,
        typer.Option(
            "--least-killed",
            help="Exit code 1 where a smaller share of the mutants, 0 to 1, loses points.",
            min=0,
            max=1,
        ),
    ] = None,
    in_container: InsideOption = False,
    as_json: JsonOption = False,
) -> None:
    """Grade the labelled reference submissions and compare with their labels."""
    from autograder.cli import authoring, inside  # noqa: PLC0415 - loads what only this command needs
    from autograder.cli.mutants import MutantOptions  # noqa: PLC0415 - the same
    from autograder.services import Choice  # noqa: PLC0415 - the same

    if least_killed is not None and not mutants:
        raise UsageError("`--least-killed` is about mutants; add `--mutants`")
    choice = Choice(sandbox, workers=workers, walls=walls)
    run = inside.verify_inside if in_container else authoring.verify
    options = MutantOptions(most, least_killed) if mutants else None
    _leave(run(ids, course, choice, options, as_json=as_json))


@app.command()
def calibrate(
    assessment: Id,
    runs: Annotated[int, typer.Option("--runs", help="Of the solution, with seeds.", min=3)] = 30,
    wrong_runs: Annotated[
        int, typer.Option("--wrong-runs", help="Of each reference; 0 for none.", min=0)
    ] = 5,
    first_seed: Annotated[
        int | None,
        typer.Option(
            "--first-seed",
            help="Of each; the others follow it.",
            min=0,
            show_default="0; with --check the first that was not used",
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Hold calibration.json against fresh runs; write nothing."),
    ] = False,
    course: CourseOption = HERE,
    sandbox: SandboxOption = "",
    walls: WallsOption = None,
    workers: WorkersOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Run the solution and references with many seeds; set thresholds and time limits."""
    from autograder.bulk.campaign import Amount  # noqa: PLC0415 - loads what only this needs
    from autograder.cli import calibrating  # noqa: PLC0415 - the same
    from autograder.services import Choice  # noqa: PLC0415 - the same

    choice = Choice(sandbox, workers=workers, walls=walls)
    amount = Amount(runs, wrong_runs, first_seed or 0)
    options = calibrating.CalibrateOptions(course, choice, amount, as_json, first_seed)
    run = calibrating.check if check else calibrating.calibrate
    _leave(run(assessment, options))


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
    executor: ExecutorOption = "local",
    workers: WorkersOption = 0,
    memory: MemoryOption = 0,
    store: StoreOption = "",
    artifacts: ArtifactsOption = "",
    in_container: InsideOption = False,
    as_json: JsonOption = False,
) -> None:
    """Grade submissions; write results, feedback pages and the class page."""
    from autograder.cli import grading, inside  # noqa: PLC0415 - loads what only this command needs
    from autograder.services import Choice, Place  # noqa: PLC0415 - the same

    choice = Choice(sandbox, executor, workers, walls, Place(store, artifacts), memory)
    run = inside.grade_inside if in_container else grading.grade
    _leave(run(assessment, uploads, grading.GradeOptions(course, output, choice, as_json)))


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
    executor: ExecutorOption = "local",
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
        _leave(regrading.settle(assessment, options, back=rollback))
    _leave(regrading.rescore(assessment, options, since))


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

    _leave(grading.report(assessment, _find_results(course, output, (store, artifacts), as_json)))


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
    _leave(exporting.export(assessment, target, command))


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
    _leave(working.work(scheduler, options))


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

    _leave(storing.measure(assessment, _find_results(course, output, (store, artifacts), as_json)))


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
    _leave(storing.sweep(assessment, options, older_than))


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


def _find_results(
    course: Path, output: Path | None, place: tuple[str, str], as_json: bool
) -> GradeOptions:
    """Options of a command that grades nothing: where results are, in which store."""
    from autograder.cli.grading import GradeOptions  # noqa: PLC0415 - loads what only some need
    from autograder.services import Choice, Place  # noqa: PLC0415 - the same

    return GradeOptions(course, output, Choice(place=Place(*place)), as_json)


def _leave(code: int) -> NoReturn:
    raise typer.Exit(code)


def main() -> None:
    """Run the command line; problems of staff and users are listed, not traced."""
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
