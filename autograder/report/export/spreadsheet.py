"""`csv`: a table for people and for every platform that has no exporter of its own.

No cell of it runs in a spreadsheet, and it begins with a byte-order mark, without which Excel
misreads Hangul. It is a table to look at and to copy from: names that would run carry an
apostrophe, so what reads it back should go by id or e-mail.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.report.export.base import Export, ExportOptions, refuse_options
from autograder.report.export.caveats import list_caveats
from autograder.report.export.people import choose_attempts, group_results
from autograder.report.grades import make_rows, protect_cell, write_table
from autograder.schema import Result


class CsvExporter:
    """The columns of `grades.csv` after the platform's id; one row per student."""

    def export(self, results: Sequence[Result], options: ExportOptions) -> Export:
        """See `Exporter`. Students come in the order of `results`."""
        refuse_options(options, "csv")
        chosen, left = choose_attempts(group_results(results), options.attempt)
        ids = ["id", *(protect_cell(result.platform_id) for result in chosen)]
        rows = [[number, *row] for number, row in zip(ids, make_rows(chosen), strict=True)]
        name = f"{options.assessment}-csv.csv"
        content = write_table(rows).encode("utf-8-sig")
        caveats = tuple(list_caveats(chosen, options))
        return Export({name: content}, tuple(chosen), tuple(left), caveats)
