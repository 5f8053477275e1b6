"""The exporter's seam: results of a class become files for one learning platform.

A student who cannot be exported is no failure: they are in `left_out` with the reason. What the
caller got wrong (a roster that cannot be used, a column that does not exist) is one `UsageError`
that lists everything. Left out: putting files on disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from autograder.errors import UsageError
from autograder.schema import Result
from autograder.schema.assessment import VisibilityConfig


class Attempt(StrEnum):
    """Which of several submissions of one student counts."""

    LATEST = "latest"
    BEST = "best"


class Reason(StrEnum):
    """Why a result is not in the file."""

    OTHER_ATTEMPT = "another attempt counts"
    NO_SCORE = "no score"
    UNMATCHED = "not matched"
    REFUSED = "not taken by the platform"


@dataclass(frozen=True)
class RosterFile:
    """A CSV file that the platform wrote: its name for messages, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class ExportOptions:
    """What an export needs beside the results.

    Attributes:
        assessment: its id, from which file names are made.
        title: its title, by which the platform's column is found or named.
        language: of texts that students read and that belong to nobody's result.
        visibility: what students may see.
        attempt: which of several submissions of one student counts.
        roster: the platform's own list of students; None where there is none.
        column: the platform's column for the score; empty for the one of the title.
    """

    assessment: str
    title: str
    language: str = "ko"
    visibility: VisibilityConfig = field(default_factory=VisibilityConfig)
    attempt: Attempt = Attempt.LATEST
    roster: RosterFile | None = None
    column: str = ""


@dataclass(frozen=True)
class LeftOut:
    """A result that is not in the file: why, and what to do about it in `detail`."""

    submission: str
    student: str
    reason: Reason
    detail: str = ""


@dataclass(frozen=True)
class Export:
    """What an exporter made.

    Every result given is in `exported` or in `left_out`; one that stands for a group is there once
    for each member.

    Attributes:
        files: content by file name, the main file first.
        exported: one result per student, in the order of their rows.
        left_out: the others.
        notes: what whoever uploads the files has to know.
    """

    files: Mapping[str, bytes]
    exported: tuple[Result, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


class Exporter(Protocol):
    """Makes the files of one platform. Made without arguments; keeps no state."""

    def export(self, results: Sequence[Result], options: ExportOptions) -> Export:
        """Files for `results`, at most one row per student.

        Raises:
            UsageError: listing everything wrong with the roster or the column.
        """


def leave_out(result: Result, reason: Reason, detail: str = "") -> LeftOut:
    """`result` as one that is left out."""
    return LeftOut(result.submission, result.student, reason, detail)


def refuse_options(options: ExportOptions, platform: str) -> None:
    """For exporters that read neither a roster nor a column.

    Raises:
        UsageError: if one was given, since it would have no effect.
    """
    if options.roster or options.column:
        raise UsageError(f"an export for {platform} takes neither --roster nor --column; omit them")
