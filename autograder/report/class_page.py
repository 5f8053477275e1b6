"""The class page for staff: what needs a person, how the class did, and what to look at.

The sections are made in `class_report`, which is loaded when there is a page to make: its
numerical libraries would cost every other command half a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from pathlib import Path

from autograder.report.page import render_page
from autograder.report.wording import Wording
from autograder.schema import Result


def render_class_page(  # noqa: PLR0913  what the page is about, and how it is told
    results: Sequence[Result],
    *,
    title: str,
    language: str,
    links: Mapping[str, str],
    notebooks: Mapping[str, bytes] | None = None,
    released: bytes | None = None,
    course: Path | None = None,
    zone: tzinfo | None = UTC,
) -> str:
    """The class page as self-contained HTML.

    Args:
        results: one per submission, in the order of the table.
        title: of the assessment.
        language: `ko` or `en`.
        links: relative address of the feedback page, by the submission's name.
        notebooks: submitted notebooks by the submission's name, to compare their code; None
            leaves that section out.
        released: the notebook that students got; its code counts for nobody.
        course: folder of a course whose `templates/report/` come before ours.
        zone: time zone in which dates are told; None for this machine's.
    """
    from autograder.report.class_report.similarity import find_similar_pairs  # noqa: PLC0415
    from autograder.report.class_report.view import view_class  # noqa: PLC0415

    wording = Wording(language, zone)
    similarity = find_similar_pairs(notebooks, released) if notebooks else None
    sections = view_class(results, similarity, links, wording)
    return render_page("class.html.j2", wording, course, title=title, **sections)
