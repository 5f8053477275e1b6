"""The table that `make hostile` prints: what each attack met, and what it scored here and elsewhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.hostile.bundles import FULL_SCORE, HONEST_SCORE
from tests.hostile.scene import Trial

_WIDTH = 150


def print_table(trials: Sequence[Trial], otter: Mapping[str, str], title: str) -> None:
    """Print the table to stdout; what succeeded is told below it in full."""
    console = Console(width=_WIDTH, highlight=False)
    table = Table(title=title, show_lines=False)
    table.add_column("attack", no_wrap=True)
    table.add_column("what stopped it", ratio=1, overflow="fold")
    table.add_column("s", justify="right", no_wrap=True)
    table.add_column("score here", justify="right", no_wrap=True)
    if otter:
        table.add_column("otter run", justify="right", no_wrap=True)
    group = ""
    for trial in trials:
        attack = trial.attack
        if attack.group != group:
            table.add_section()
            group = attack.group
        stopped = "[red bold]SUCCEEDED[/]" if trial.harms else escape(_make_plain(trial.met))
        row = [f"{attack.group}/{attack.name}", stopped, f"{trial.seconds:.1f}", _say_score(trial)]
        table.add_row(*row, *([escape(_make_plain(otter[str(attack)]))] if otter else []))
    console.print(table)
    honest = ", ".join(f"{aim} {score} of {FULL_SCORE[aim]}" for aim, score in HONEST_SCORE.items())
    console.print(f"Scores of the honest wrong answer: {honest}.")
    for trial in trials:
        for harm in trial.harms:
            console.print(f"[red]{trial.attack}[/]: {escape(_make_plain(harm, 600))}")


def _say_score(trial: Trial) -> str:
    score = "–" if trial.score is None else f"{trial.score:g}"
    return f"{score} of {FULL_SCORE[trial.attack.aim]}"


def _make_plain(text: str, most: int = 110) -> str:
    """`text` of an attack without what could act on a terminal."""
    kept = "".join(c if not unicodedata.category(c).startswith(("C", "Z")) else " " for c in text)
    return " ".join(kept.split())[:most]
