"""The commands `autograder variants …`: their options; what they say is in `pools`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.options import (
    HERE,
    CourseOption,
    ExecutorOption,
    Id,
    JsonOption,
    SandboxOption,
    WallsOption,
    WorkersOption,
    leave,
)
from autograder.executor import LOCAL

variants_app = typer.Typer(
    help="Variants of an assessment: prove them equally hard, give each student one.",
    no_args_is_help=True,
)


@variants_app.command("list")
def list_variants(assessment: Id, course: CourseOption = HERE, as_json: JsonOption = False) -> None:
    """List the variants that were built, with what is known of each."""
    from autograder.cli import pools  # noqa: PLC0415 - loads what only this command needs

    leave(pools.tell_list(assessment, course, as_json=as_json))


@variants_app.command("show")
def show_variant(
    assessment: Id,
    variant: Annotated[str, typer.Argument(help="Its name, or how it begins.", metavar="VARIANT")],
    course: CourseOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show a variant: its values, its references and trainings, and how many students have it."""
    from autograder.cli import pools  # noqa: PLC0415 - loads what only this command needs

    leave(pools.tell_one(assessment, variant, course, as_json=as_json))


@variants_app.command("verify")
def verify_variants(
    assessment: Id,
    references: Annotated[
        list[str] | None,
        typer.Option(
            "--references",
            help="Only this reference, such as failed/no_scaling; may be said several times.",
            metavar="LABEL/NAME",
            show_default="all",
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option("--seeds", help="Trainings of the solution on each variant.", min=3)
    ] = 5,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep variants that are not equally hard in use.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Do again what is known already.")] = False,
    course: CourseOption = HERE,
    sandbox: SandboxOption = "",
    walls: WallsOption = None,
    executor: ExecutorOption = LOCAL,
    workers: WorkersOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Grade the references on every variant, compare how hard they are, and drop outliers."""
    from autograder.cli import pools  # noqa: PLC0415 - loads what only this command needs
    from autograder.services import Choice  # noqa: PLC0415 - the same

    choice = Choice(sandbox, executor, workers, walls, measures=True)
    options = pools.VerifyOptions(tuple(references or ()), seeds, keep, again)
    leave(pools.verify(assessment, course, choice, options, as_json=as_json))


@variants_app.command("allocate")
def allocate_variants(
    assessment: Id,
    roster: Annotated[
        Path, typer.Option("--roster", help="CSV with a line for each student.", metavar="FILE")
    ],
    output: Annotated[
        Path,
        typer.Option("--output", help="Folder for a zip per student and a list for staff."),
    ],
    column: Annotated[
        str, typer.Option("--column", help="Column with the ids.", show_default="found by name")
    ] = "",
    secret: Annotated[
        Path | None,
        typer.Option(
            "--secret",
            help="File with the secret that the allocation depends on.",
            metavar="FILE",
            show_default="made once in build/ID/variants",
        ),
    ] = None,
    course: CourseOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Give each student of a roster a verified variant; nobody's changes when others come."""
    from autograder.cli import pools  # noqa: PLC0415 - loads what only this command needs

    options = pools.AllocateOptions(roster, output, column, secret)
    leave(pools.hand_out(assessment, course, options, as_json=as_json))
