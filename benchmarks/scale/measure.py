"""Takes a class of one size through find, grade, report and export, and times each.

Runs in a process of its own per size, so that its peak of memory is that of this size. A first
class of twelve loads what is loaded once; a class of one tells what every class costs, however
small it is.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from autograder import notebook, pipeline
from autograder.bulk.audience import Audience
from autograder.bulk.gradebook import Gradebook
from autograder.bulk.grading import ClassGrading
from autograder.bulk.upload import EXECUTED_FILE
from autograder.course import Course
from autograder.executor.local import LocalExecutor
from autograder.grade.submission import Graded
from autograder.grade.transcript import TRANSCRIPT_FILE, unpack_transcript
from autograder.plugins import load_plugin
from autograder.report.export import ExportOptions
from autograder.services import Services
from benchmarks.scale.site import TemplateSite

MIB = 2**20


@dataclass(frozen=True)
class Setting:
    """What is graded: the course, its assessment, and the result that all get."""

    course: Course
    assessment: str
    template: Graded


@dataclass
class Spent:
    """What a class took.

    Attributes:
        seconds: wall seconds by phase.
        cpu_seconds: of this process, over all phases; they say the same on a busy machine.
        before_mib: memory of this process before the class.
        grading_mib: the most it had until all were graded and had their feedback pages.
        peak_mib: the most it had, with the class page and the export.
    """

    size: int
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    before_mib: float = 0.0
    grading_mib: float = 0.0
    peak_mib: float = 0.0

    @contextmanager
    def time(self, phase: str) -> Iterator[None]:
        """Add what passes here to a phase."""
        start, cpu = time.monotonic(), time.process_time()
        yield
        self.cpu_seconds += time.process_time() - cpu
        self.seconds[phase] = self.seconds.get(phase, 0.0) + time.monotonic() - start


def load_setting(course: Course, assessment: str) -> Setting:
    """The one grading that was kept in the course's own results, as the template."""
    with make_book(course, assessment, None, course.results(assessment)).open() as (store, _):
        (result,) = store.results()
        executed = store.read_artifact(result.submission, EXECUTED_FILE) or b""
        transcript = store.read_artifact(result.submission, TRANSCRIPT_FILE) or b""
    return Setting(course, assessment, Graded(result, executed, unpack_transcript(transcript)))


def make_book(course: Course, assessment: str, template: Graded | None, output: Path) -> Gradebook:
    """A gradebook whose gradings are copies of `template`."""

    def make_site(_: object) -> TemplateSite:
        assert template is not None
        return TemplateSite(template)

    return Gradebook(course, assessment, Services(LocalExecutor(2), make_site), output)


def measure_class(setting: Setting, folder: Path, size: int) -> Spent:
    """Take a class of `size` through everything."""
    spent = Spent(size)
    uploads = folder / f"class{size}"
    write_class(setting, uploads, size)
    spent.before_mib = psutil.Process().memory_info().rss / MIB
    output = folder / f"results{size}"
    book = make_book(setting.course, setting.assessment, setting.template, output)
    with spent.time("find"):
        submissions = pipeline.find_class(setting.course, setting.assessment, [uploads])
    # The two halves of `pipeline.grade_class`, which grades and then writes the class page.
    with spent.time("grade"), book.open() as (store, view):
        grading = ClassGrading(book.finder, store, view, Audience())
        grading.run(submissions, book.services.executor, book.services.make_site(book.bundle))
    spent.grading_mib = read_peak_mib()
    with spent.time("report"), book.open() as (store, _):
        outcomes = [result.outcome for result in book.report(store)]
    with spent.time("export"):
        export(book)
    if outcomes != ["graded"] * size:
        raise RuntimeError(f"not all of {size} were graded")
    spent.peak_mib = read_peak_mib()
    return spent


def read_peak_mib() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def export(book: Gradebook) -> None:
    """Make the table of grades."""
    bundle = book.bundle.bundle
    options = ExportOptions(
        assessment=bundle.assessment, title=bundle.title, language=bundle.config.language
    )
    made = load_plugin("exporters", "csv")().export(pipeline.load_results(book), options)
    if not made.files:
        raise RuntimeError("nothing was exported")


def write_class(setting: Setting, folder: Path, size: int) -> None:
    """Uploads that differ in one comment."""
    folder.mkdir()
    solution = setting.course.folder / "build" / setting.assessment / "solution.ipynb"
    content = notebook.read_notebook(solution)
    content.cells.append(notebook.make_code_cell("# student NUMBER"))
    text = notebook.serialize_notebook(content)
    for number in range(size):
        file = folder / f"student{number:05}.ipynb"
        file.write_bytes(text.replace(b"NUMBER", str(number).encode()))
