"""The command that makes the autograder image."""

from __future__ import annotations

import time

from autograder.cli.console import console, notes
from autograder.image import BuildOptions, build_image

_MB = 1_000_000


def build(base: str, tag: str, engine: str) -> int:
    """Build the image; says each step with its time, and at the end what there is."""
    start = time.monotonic()

    def tell(step: str) -> None:
        notes.print(f"[dim]{time.monotonic() - start:5.0f} s[/]  {step}", highlight=False)

    built = build_image(BuildOptions(base, tag, engine), tell)
    image = built.image
    tell("up to date" if built.was_there else "done")
    console.print(f"Image:   {image.tag} ({built.engine.version})", highlight=False)
    console.print(f"Size:    {image.size_bytes / _MB:,.0f} MB", highlight=False)
    console.print(f"Content: {image.id}", soft_wrap=True, highlight=False)
    return 0
