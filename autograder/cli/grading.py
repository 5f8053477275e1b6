"""The commands of TAs: grade a class, score it again, write its reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from autograder import pipeline
from autograder.bulk.gradebook import Gradebook
from autograder.cli.console import NO_WALLS, colour, console, notes, write_score
from autograder.cli.live import show_board
from autograder.course import Course
from autograder.schema import Outcome, QuestionResult, Result
from autograder.services import Choice
from autograder.sites import choose_sandbox


@dataclass(frozen=True)
class GradeOptions:
    """Options of the commands that work on a class."""

    course: Path
    output: Path | None
    choice: Choice
    as_json: bool

    def open_book(self, assessment: str) -> Gradebook:
        """The class's results, and what works on them.

        Raises:
            UsageError: if something is named that does not exist.
        """
        return Gradebook(Course(self.course), assessment, self.choice.make(), self.output)


def grade(assessment: str, uploads: Sequence[Path], options: GradeOptions) -> int:
    """Grade submissions; exit code 1 where a failure of ours left one without a score."""
    book = options.open_book(assessment)
    submissions = pipeline.find_class(book.course, assessment, uploads)
    if not options.as_json and (options.choice.sandbox or choose_sandbox()) == "process":
        notes.print(NO_WALLS)
    with show_board(assessment) as board:
        results = pipeline.grade_class(book, submissions, board)
    names = set(submissions.names)
    graded = [result for result in results if result.submission in names]
    return _tell(graded, book.folder, options.as_json)


def report(assessment: str, options: GradeOptions) -> int:
    """Write feedback pages and the class page again."""
    book = options.open_book(assessment)
    return _tell(pipeline.report_again(book), book.folder, options.as_json)


def _tell(results: Sequence[Result], output: Path, as_json: bool) -> int:
    failed = [result for result in results if result.outcome == "grader_error"]
    if as_json:
        rows = [result.model_dump(mode="json") for result in results]
        console.print_json(data={"output": str(output), "results": rows})
        return 1 if failed else 0
    console.print(_tabulate(results))
    for result in failed:
        notes.print(
            f"[magenta]{escape(result.submission)}[/]: {escape(result.staff_message[:400])}"
        )
    console.print(f"Class page:     {output / 'class.html'}", soft_wrap=True, highlight=False)
    console.print(f"Grades:         {output / 'grades.csv'}", soft_wrap=True, highlight=False)
    for result in results:
        page = output / result.submission / "feedback.html"
        console.print(f"Feedback page:  {page}", soft_wrap=True, highlight=False, markup=False)
    return 1 if failed else 0


def _tabulate(results: Sequence[Result]) -> Table:
    table = Table(show_edge=False, caption=_LEGEND, caption_justify="left")
    table.add_column("submission", overflow="fold")
    table.add_column("score", justify="right", no_wrap=True)
    names = list(dict.fromkeys(q.name for result in results for q in result.questions))
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("s", justify="right", no_wrap=True)
    for result in results:
        cells = {question.name: _write_question(question) for question in result.questions}
        table.add_row(
            escape(result.submission),
            write_score(result.score, result.points),
            *(cells.get(name, "") for name in names),
            f"{result.wall_seconds:.0f}",
        )
    return table


_SIGNS = {
    Outcome.ERROR: "E",
    Outcome.TIME_LIMIT: "T",
    Outcome.MEMORY_LIMIT: "M",
    Outcome.FORGED: "F",
    Outcome.NOT_REACHED: "N",
    Outcome.GRADER_ERROR: "?",
}
_LEGEND = "E error, T time limit, M memory limit, F forged, N not reached, ? ours; s: wall seconds"


def _write_question(question: QuestionResult) -> str:
    """Score of a question in the colour of its outcome, with a letter for what is special."""
    if question.manual:
        return "[dim]manual[/]"
    score = "–" if question.score is None else f"{round(question.score, 2):g}"
    return colour(question.outcome, f"{score}{_SIGNS.get(question.outcome, '')}")
