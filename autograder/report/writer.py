"""Puts reports on disk; a reader sees an old file or the new one, never half of one."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import tzinfo
from pathlib import Path

from autograder.report.class_page import render_class_page
from autograder.report.feedback import render_feedback
from autograder.report.grades import make_grades_csv
from autograder.report.gradescope import make_gradescope_results
from autograder.schema import Result
from autograder.schema.assessment import VisibilityConfig

FEEDBACK_FILE = "feedback.html"
GRADESCOPE_FILE = "results.json"
CLASS_FILE = "class.html"
GRADES_FILE = "grades.csv"


def write_submission_report(
    folder: Path,
    result: Result,
    *,
    visibility: VisibilityConfig,
    course: Path | None = None,
    zone: tzinfo | None = None,
) -> Path:
    """Write `feedback.html` and Gradescope's `results.json` into `folder`, made if missing.

    Args:
        folder: of this submission alone.
        result: of grading it.
        visibility: what students may see.
        course: folder of a course whose `templates/report/` come before ours.
        zone: time zone in which dates are told; None for this machine's.

    Returns:
        The feedback page.
    """
    page = render_feedback(result, visibility=visibility, course=course, zone=zone)
    content = json.dumps(make_gradescope_results(result, visibility), ensure_ascii=False, indent=2)
    write_text(folder / GRADESCOPE_FILE, content + "\n")
    return write_text(folder / FEEDBACK_FILE, page)


def write_class_report(  # noqa: PLR0913  what the page is about, and how it is told
    folder: Path,
    results: Sequence[Result],
    *,
    title: str,
    language: str,
    notebooks: Mapping[str, bytes] | None = None,
    released: bytes | None = None,
    course: Path | None = None,
    zone: tzinfo | None = None,
) -> Path:
    """Write `class.html` and `grades.csv` into `folder`, made if missing.

    Links lead to `<submission>/feedback.html` below `folder`, where that page is there. The CSV
    begins with a byte-order mark, without which Excel misreads Hangul.

    Args:
        folder: where both files go.
        results: one per submission, in the order of the table.
        title: of the assessment.
        language: `ko` or `en`.
        notebooks: submitted notebooks by the submission's name, to compare their code; None
            leaves that section out.
        released: the notebook that students got; its code counts for nobody.
        course: folder of a course whose `templates/report/` come before ours.
        zone: time zone in which dates are told; None for this machine's.

    Returns:
        The class page.
    """
    links = find_feedback(folder, results)
    page = render_class_page(
        results,
        title=title,
        language=language,
        links=links,
        notebooks=notebooks,
        released=released,
        course=course,
        zone=zone,
    )
    write_text(folder / GRADES_FILE, make_grades_csv(results), encoding="utf-8-sig")
    return write_text(folder / CLASS_FILE, page)


def find_feedback(folder: Path, results: Sequence[Result]) -> Mapping[str, str]:
    """Addresses, relative to `folder`, of the feedback pages that exist there, by submission."""
    names = [result.submission for result in results]
    return {
        name: f"{name}/{FEEDBACK_FILE}"
        for name in names
        if (folder / name / FEEDBACK_FILE).is_file()
    }


def write_text(path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    """Write `text` to `path` by way of a neighbour that is then renamed; line ends stay.

    Raises:
        OSError: if the folder cannot be made or written; an old file is left as it was.
    """
    return write_whole(path, text.encode(encoding))


def write_whole(path: Path, content: bytes, mode: int = 0o666) -> Path:
    """Write `content` to `path` so that nobody ever finds half of it.

    Args:
        path: of the file; its folder is made if missing.
        content: of it.
        mode: permissions of a file, less those that the process' mask takes away.

    Raises:
        OSError: if the folder cannot be made or written; an old file is left as it was.
    """
    with ExitStack() as drafts:
        write_draft(path, content, drafts, mode).replace(path)
    return path


def write_draft(path: Path, content: bytes, drafts: ExitStack, mode: int = 0o666) -> Path:
    """Write what is to become `path` beside it; it is gone with `drafts`, unless renamed.

    Raises:
        OSError: if the folder cannot be made or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    drafts.callback(draft.unlink, missing_ok=True)
    draft.touch(mode=mode)
    draft.write_bytes(content)
    return draft
