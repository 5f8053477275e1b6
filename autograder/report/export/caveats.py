"""What whoever uploads exported scores has to know, whatever the platform."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.report.export.base import ExportOptions
from autograder.schema import Result


def list_caveats(chosen: Iterable[Result], options: ExportOptions) -> list[str]:
    """Sentences on scores that are not whole, or that students shall not see."""
    caveats = []
    manual = {one.name: None for result in chosen for one in result.questions if one.manual}
    if manual:
        caveats.append(
            f"Graded by a person, and so not in the scores: {', '.join(manual)}. Add those points "
            "on the platform."
        )
    if not options.visibility.score:
        caveats.append(
            "`visibility.score` is false: hide the grade on the platform before the upload, or "
            "students will see it."
        )
    return caveats
