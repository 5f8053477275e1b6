"""Turns results into the files that learning platforms read; each exporter is a module.

Everything here is pure: results and a roster's bytes go in, named bytes come out. Left out:
reading and writing the disk (`cli.export`), and lateness policies.
"""

from autograder.report.export.base import (
    Attempt,
    Export,
    Exporter,
    ExportOptions,
    LeftOut,
    Reason,
    RosterFile,
)

__all__ = [
    "Attempt",
    "Export",
    "ExportOptions",
    "Exporter",
    "LeftOut",
    "Reason",
    "RosterFile",
]
