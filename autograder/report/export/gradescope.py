"""`gradescope`: an autograder that hands out the results, and a CSV to merge.

Gradescope has no upload of scores for a programming assignment: its scores come from the
`results.json` of its autograder alone ("Grading a Programming Assignment",
guides.gradescope.com; "Autograder Specifications" and "Submission Metadata",
gradescope-autograders.readthedocs.io). So the zip is one: `run_autograder` looks up the submitter
by e-mail and gives out the `results.json` that was made here. After *Configure Autograder* and
*Regrade All Submissions* every student has score and feedback, and no student code has run there.

The CSV has the columns of Gradescope's own *Download Grades*, for scripts that merge those.
Gradescope does not read it back, so any cell may carry an apostrophe.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from autograder.report.export.base import (
    Attempt,
    Export,
    ExportOptions,
    refuse_options,
)
from autograder.report.export.caveats import list_caveats
from autograder.report.export.people import choose_attempts, group_results, is_email
from autograder.report.grades import list_questions, protect_cell, write_number, write_table
from autograder.report.gradescope import make_gradescope_results
from autograder.report.wording import Wording
from autograder.schema import Result

HEAD = (
    *("Name", "SID", "Email", "Total Score", "Max Points", "Status"),
    *("Submission ID", "Submission Time", "Submission Count"),
)
_SETUP = """#!/usr/bin/env bash
set -e
command -v python3 > /dev/null || { apt-get update && apt-get install -y python3; }
"""
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # so that the same results make the same zip


class GradescopeExporter:
    """A CSV, and an autograder zip for everybody whose e-mail address is known."""

    def export(self, results: Sequence[Result], options: ExportOptions) -> Export:
        """See `Exporter`. Students come in the order of `results`."""
        refuse_options(options, "gradescope")
        chosen, left = choose_attempts(group_results(results), options.attempt)
        known = {result.email.casefold(): result for result in chosen if is_email(result.email)}
        table = write_table(_make_rows(chosen)).encode("utf-8-sig")
        content = {f"{options.assessment}-gradescope.csv": table}
        if known:
            name = f"{options.assessment}-gradescope-autograder.zip"
            content[name] = _pack(_make_source(known, options))
        notes = (*_list_notes(chosen), *list_caveats(chosen, options))
        return Export(content, tuple(chosen), tuple(left), notes)


def _make_rows(chosen: Sequence[Result]) -> list[list[str]]:
    questions = list_questions(chosen)
    points = {one.name: one.points for result in chosen for one in result.questions}
    titles = [
        f"{number}: {name} ({points[name]:.1f} pts)"
        for number, name in enumerate(questions, start=1)
    ]
    rows = [[*HEAD, *titles]]
    for result in chosen:
        scores = {one.name: one.score for one in result.questions}
        time = result.submitted_at
        rows.append(
            [
                *(result.student, result.platform_id, result.email),
                *(write_number(result.score), write_number(result.points), "Graded", ""),
                f"{time:%Y-%m-%d %H:%M:%S %z}" if time else "",
                str(result.attempt),
                *(write_number(scores.get(name)) for name in questions),
            ]
        )
    return [[protect_cell(cell) for cell in row] for row in rows]


def _make_source(known: Mapping[str, Result], options: ExportOptions) -> dict[str, str]:
    """Files of the autograder, by name."""
    wording = Wording(options.language)
    names = {email: f"results/{number:05}.json" for number, email in enumerate(known, start=1)}
    index = {
        "results": {
            email: {
                "file": names[email],
                "submitted_at": _tell_time(result, options.attempt),
            }
            for email, result in known.items()
        },
        "messages": {
            "missing": wording("There is no result for this submission yet. Ask the staff."),
            "newer": wording(
                "This submission is newer than the one that was graded. Its result comes later."
            ),
        },
    }
    source = {
        "setup.sh": _SETUP,
        "run_autograder": files(__package__).joinpath("replay.py").read_text("utf-8"),
        "index.json": _dump(index),
    }
    for email, result in known.items():
        source[names[email]] = _dump(make_gradescope_results(result, options.visibility))
    return source


def _tell_time(result: Result, attempt: Attempt) -> str | None:
    """When the upload was made that the result is of; None where any upload may have it."""
    if attempt is Attempt.BEST or result.submitted_at is None:
        return None
    return result.submitted_at.isoformat()


def _dump(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _pack(source: Mapping[str, str]) -> bytes:
    """A zip of `source` in which the scripts may be run."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in source.items():
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.compress_type = zipfile.ZIP_DEFLATED
            mode = 0o755 if name in ("setup.sh", "run_autograder") else 0o644
            info.external_attr = (0o100000 | mode) << 16
            archive.writestr(info, text)
    return buffer.getvalue()


def _list_notes(chosen: Sequence[Result]) -> tuple[str, ...]:
    without = [result.student for result in chosen if not is_email(result.email)]
    if not without:
        return ()
    names = ", ".join(without)
    note = (
        f"Without e-mail address, so in the CSV and not in the autograder zip: {names}. Grade "
        "Gradescope's own download (Export Submissions), which has the addresses."
    )
    return (note,)
