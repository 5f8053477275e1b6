"""Tries upload attacks: the whole way from a file to the pages that people open."""

from __future__ import annotations

import csv
import io
import re
import tempfile
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder import pipeline
from autograder.bulk.audience import Audience
from autograder.bulk.gradebook import Gradebook
from autograder.cli import grading
from autograder.schema import Result
from tests.hostile import bundles
from tests.hostile.attack import Attack, make_notebook

if TYPE_CHECKING:
    from tests.hostile.scene import Scene, Trial

_OWN = frozenset({"class.html", "grades.csv", ".store"})
_PARTS = frozenset(
    {"result.json", "executed.ipynb", "submitted.ipynb", "feedback.html", "results.json", "history"}
)
_LIVE_TAGS = frozenset({"script", "iframe", "object", "embed", "form", "base", "link", "img"})
_LIVE_LINK = re.compile(r"\s*(javascript|data|vbscript):", re.IGNORECASE)
_FORMULA = re.compile(r"\s*[=+@\-＝＋－＠\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def try_upload(scene: Scene, attack: Attack, trial: Trial) -> None:
    """Grade the upload in one batch with an honest one, and look at all that was written."""
    assert attack.make is not None
    with tempfile.TemporaryDirectory(prefix="u-") as place:
        folder = Path(place)
        (folder / "in").mkdir()
        path = attack.make(
            folder / "in", {**scene.targets, "secret": scene.canaries.secrets["file"]}
        )
        honest = folder / "honest.ipynb"
        honest.write_bytes(make_notebook([bundles.RIGHT[attack.aim]], attack.aim))
        kind = bundles.KINDS[attack.aim]
        output = folder / "out"
        try:
            submissions = pipeline.find_class(scene.course, kind, [path, honest])
            book = Gradebook(scene.course, kind, scene.services, output)
            results = pipeline.grade_class(book, submissions, Audience())
        except Exception as error:
            trial.harms.append(f"the batch was stopped by {type(error).__name__}: {error}"[:600])
            return
        _judge_results(results, attack, trial)
        _judge_files(folder, output, results, trial)
        _judge_texts(output, results, trial)
        _judge_secrets(scene, output, trial)


def _judge_results(results: list[Result], attack: Attack, trial: Trial) -> None:
    honest = [result for result in results if result.submission == "honest"]
    others = [result for result in results if result.submission != "honest"]
    if [result.score for result in honest] != [bundles.FULL_SCORE[attack.aim]]:
        trial.harms.append("the honest submission in the same batch was not graded")
    if not others:
        trial.met = "not listed as a submission"
        return
    trial.score = max((result.score or 0.0 for result in others), default=None)
    if trial.score is not None and trial.score > bundles.HONEST_SCORE[attack.aim]:
        trial.harms.append(f"scored {trial.score}")
    failed = [result.staff_message for result in others if result.outcome != "graded"]
    if failed:
        trial.harms.append(f"no score: {failed[0]}"[:600])
    first = others[0]
    errors = [question.error for question in first.questions if question.error]
    trial.met = first.message or (
        f"shown as text: {errors[0].name}: {errors[0].text}" if errors else "graded as any other"
    )


def _judge_files(folder: Path, output: Path, results: list[Result], trial: Trial) -> None:
    names = {result.submission for result in results}
    if extra := {path.name for path in output.iterdir()} - names - _OWN:
        trial.harms.append(f"unexpected files in the output: {sorted(extra)[:5]}")
    if extra := {path.name for path in folder.iterdir()} - {"in", "out", "honest.ipynb"}:
        trial.harms.append(f"files outside the output: {sorted(extra)[:5]}")
    for name in names:
        strange = {path.name for path in (output / name).iterdir()} - _PARTS
        if strange:
            trial.harms.append(f"files in {name!r}: {sorted(strange)[:5]}")
        if not re.fullmatch(r"[\w][\w\-]*", name) or len(name.encode()) > 200:
            trial.harms.append(f"an unsafe name: {name!r}")


def _judge_texts(output: Path, results: list[Result], trial: Trial) -> None:
    pages = [*output.rglob("*.html")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        judge = _PageJudge()
        judge.feed(text)
        trial.harms += [f"{page.name}: {harm}" for harm in judge.harms[:3]]
        trial.harms += [f"{page.name}: {harm}" for harm in list_odd_characters(text)]
    table = (output / "grades.csv").read_text(encoding="utf-8-sig")
    trial.harms += [f"grades.csv: {harm}" for harm in list_odd_characters(table)]
    cells = [cell for row in csv.reader(io.StringIO(table, newline="")) for cell in row]
    runs = [cell for cell in cells if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell)]
    if runs:
        trial.harms.append(f"grades.csv: a spreadsheet runs {runs[0][:80]!r}")
    trial.harms += [f"terminal: {harm}" for harm in list_odd_characters(_print_table(results))]


def _judge_secrets(scene: Scene, output: Path, trial: Trial) -> None:
    for path in output.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        for kind, secret in scene.canaries.secrets.items():
            staff = kind == "test" and (path.name == "result.json" or ".store" in path.parts)
            if secret.encode() in content and not staff:
                trial.harms.append(f"{path.name} holds the secret in {kind}")
        if len(content) > 60_000_000:
            trial.harms.append(f"{path.name} takes {len(content) // 2**20} MiB")


def _print_table(results: list[Result]) -> str:
    """What the terminal of a teaching assistant gets."""
    console = Console(file=io.StringIO(), width=100)
    console.print(grading._tabulate(results))
    return console.file.getvalue()


def list_odd_characters(text: str) -> list[str]:
    """Characters that move a terminal's cursor, or turn and hide the text around them."""
    odd = {
        f"U+{ord(character):04X}"
        for character in set(text)
        if character not in "\n\t\u200c\u200d\ufeff"
        and (unicodedata.category(character) in ("Cc", "Cf", "Cs"))
        and character != "\r"
    }
    return [f"holds {', '.join(sorted(odd)[:5])}"] if odd else []


class _PageJudge(HTMLParser):
    """Finds whatever in a page would run or load something."""

    def __init__(self) -> None:
        super().__init__()
        self.harms: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LIVE_TAGS and not (tag == "link" and ("rel", "icon") in attrs):
            self.harms.append(f"<{tag}> {attrs}"[:200])
        for name, value in attrs:
            if name.startswith("on") or _LIVE_LINK.match(value or ""):
                self.harms.append(f"<{tag} {name}={value!r}>"[:200])
