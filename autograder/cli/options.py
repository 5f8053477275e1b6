"""The options that several commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

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
    int,
    typer.Option(
        "--workers",
        help="Gradings at a time.",
        min=0,
        show_default="by the cores and the memory there are",
    ),
]
InsideOption = Annotated[
    bool,
    typer.Option("--in-container", help="Run this command in a container of the image."),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", help="Results folder; results/ID in the course where not given."),
]
StoreOption = Annotated[
    str,
    typer.Option(
        "--store",
        envvar="AUTOGRADER_STORE",
        help="Database that graders share: postgresql://user@host/name, sqlite:////folder/file.",
        metavar="URL",
        show_default="one beside the results",
    ),
]
ArtifactsOption = Annotated[
    str,
    typer.Option(
        "--artifacts",
        envvar="AUTOGRADER_ARTIFACTS",
        help="Where a shared store keeps notebooks and models: a folder or an object store's URL.",
        metavar="PLACE",
    ),
]
MemoryOption = Annotated[
    float,
    typer.Option(
        "--memory",
        help="MiB that all gradings may use together.",
        show_default="what is available, less a reserve",
        min=0,
    ),
]
ExecutorOption = Annotated[
    str, typer.Option(help="Where gradings run: local, dask://HOST:8786.", metavar="WHERE")
]

HERE = Path()


def leave(code: int) -> NoReturn:
    """End a command with its exit code."""
    raise typer.Exit(code)
