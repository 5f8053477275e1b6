"""The commands that look after a store: how large it is, and what it can do without."""

from __future__ import annotations

from datetime import timedelta

from rich.filesize import decimal

from autograder.cli.console import console
from autograder.cli.grading import GradeOptions


def measure(assessment: str, options: GradeOptions) -> int:
    """Print how much the store holds."""
    with options.open_book(assessment).open() as (store, _):
        size = store.measure()
    if options.as_json:
        console.print_json(data=size.model_dump(mode="json"))
        return 0
    saved = size.deduplicated_bytes + size.compressed_bytes
    lines = (
        f"Submissions:  {size.submissions}",
        f"Gradings:     {size.gradings}",
        f"Database:     {decimal(size.database_bytes)}",
        f"Artifacts:    {size.artifacts}, {decimal(size.artifact_bytes)}",
        f"Saved:        {decimal(saved)} by keeping equal contents once, and by compression",
    )
    console.print("\n".join(lines), highlight=False)
    return 0


def sweep(assessment: str, options: GradeOptions, older_than_days: float | None) -> int:
    """Remove what no grading refers to; with days, first let go of old gradings' artifacts."""
    with options.open_book(assessment).open() as (store, _):
        pruned = 0
        if older_than_days is not None:
            pruned = store.prune(timedelta(days=older_than_days))
        swept = store.sweep()
    if options.as_json:
        console.print_json(data={"pruned": pruned, **swept.model_dump(mode="json")})
        return 0
    if older_than_days is not None:
        console.print(f"Artifacts of {pruned} earlier gradings were let go; their results stay.")
    freed = decimal(swept.artifact_bytes)
    console.print(
        f"Removed {swept.artifacts} artifacts ({freed}) that nothing refers to, "
        f"and {swept.leftovers} half-written files.",
        highlight=False,
    )
    return 0
