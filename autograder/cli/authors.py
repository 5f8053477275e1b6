"""The commands that make an assessment: their options; the work and the words are elsewhere.

`assign` builds it, `verify` proves its tests, `calibrate` sets its thresholds.
"""

from __future__ import annotations

from typing import Annotated

import typer

from autograder.cli.options import (
    HERE,
    CourseOption,
    Id,
    Ids,
    InsideOption,
    JsonOption,
    SandboxOption,
    WallsOption,
    WorkersOption,
    leave,
)
from autograder.errors import UsageError


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
    leave(authoring.assign(ids, course, choice, variants, as_json=as_json))


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
    from autograder.cli import authoring  # noqa: PLC0415 - loads what only this command needs
    from autograder.cli.mutants import MutantOptions  # noqa: PLC0415 - the same
    from autograder.services import Choice  # noqa: PLC0415 - the same

    if least_killed is not None and not mutants:
        raise UsageError("`--least-killed` is about mutants; add `--mutants`")
    choice = Choice(sandbox, workers=workers, walls=walls)
    run = authoring.verify
    if in_container:
        from autograder.cli.inside import verify_inside as run  # noqa: PLC0415 - the same
    options = MutantOptions(most, least_killed) if mutants else None
    leave(run(ids, course, choice, options, as_json=as_json))


def calibrate(
    assessment: Id,
    runs: Annotated[int, typer.Option("--runs", help="Of the solution, with seeds.", min=3)] = 30,
    wrong_runs: Annotated[
        int,
        typer.Option(
            "--wrong-runs", help="Of each reference in partial/ and failed/; 0 for none.", min=0
        ),
    ] = 5,
    right_runs: Annotated[
        int | None,
        typer.Option(
            "--right-runs",
            help="Of each reference in full_score/; 0 for none.",
            min=0,
            show_default="as --runs, 30 at most",
        ),
    ] = None,
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

    choice = Choice(sandbox, workers=workers, walls=walls, measures=True)
    amount = Amount(runs, wrong_runs, right_runs, first_seed or 0)
    options = calibrating.CalibrateOptions(course, choice, amount, as_json, first_seed)
    run = calibrating.check if check else calibrating.calibrate
    leave(run(assessment, options))
