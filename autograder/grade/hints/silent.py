"""Rules for cells that raised nothing and yet did not do their work."""

from __future__ import annotations

from autograder.grade.hints.placeholder import FILL_IN, UNFILLED
from autograder.grade.hints.rule import Rule

NO_EFFECT = "`{command}` did nothing: grading has no network."
PREPARED = (
    "Remove the line: the modules of the assignment are installed, and its data lies beside the "
    "notebook."
)
HALTED = "`{magic}` is not known here, and Jupyter ran no line of the cell after it."

RULES = (
    Rule(
        HALTED,
        "Remove the line that begins with `{magic}`.",
        text=r"UsageError: (?:Line|Cell) magic function `(?P<magic>%%?\w+)` not found",
    ),
    Rule(
        HALTED,
        "Remove the line that begins with `{magic}`.",
        text=r"UsageError: (?:Line|Cell) magic `(?P<magic>%%?\w+)` not found",
    ),
    Rule(UNFILLED, FILL_IN, source=r"=[ \t]*\.\.\.[ \t]*(?:#.*)?$|^[ \t]*\.\.\.[ \t]*(?:#.*)?$"),
    Rule(UNFILLED, FILL_IN, source=r"=[ \t]*None[ \t]*#.*(?:(?i:your|code|answer)|여기|작성)"),
    Rule(NO_EFFECT, PREPARED, source=r"^[ \t]*[!%](?P<command>(?:wget|curl|git clone|gdown)\b)"),
    Rule(
        NO_EFFECT, PREPARED, source=r"^[ \t]*[!%](?P<command>(?:apt-get|apt|pip3?|conda) install)"
    ),
)
