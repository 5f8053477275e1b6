"""Rules for answers that are not filled in, and for notebooks that need their old kernel."""

from __future__ import annotations

from autograder.grade.hints.rule import Rule

UNFILLED = "An answer is not filled in yet: a placeholder still stands in the code."
FILL_IN = (
    "Replace every placeholder (`...`, `____`, `None`, `### YOUR CODE HERE`) by your answer, "
    "then restart the kernel and run all cells."
)
STALE = "`{missing}` works only in your old kernel: in a fresh one it does not exist at this point."
RUN_IN_ORDER = (
    "Define or import `{missing}` in a cell above, then restart the kernel and run all cells "
    "from top to bottom before you submit."
)
DEFINITION = (
    r"^[ \t]*(?:(?:def|class)[ \t]+{missing}\b|{missing}[ \t]*(?::[^=\n]+)?=(?!=)"
    r"|(?:from[ \t]+\S+[ \t]+)?import[ \t].*\b{missing}\b|for[ \t]+{missing}[ \t]+in\b)"
)
NAME_ERRORS = ("NameError",)
SYNTAX_ERRORS = ("SyntaxError", "IndentationError")
MARKER = r"(?i)your (?:code|answer)|여기에|작성하"

RULES = (
    Rule(UNFILLED, FILL_IN, names=("NotImplementedError",)),
    Rule(UNFILLED, FILL_IN, text=r"\b[Ee]llipsis\b"),
    Rule(UNFILLED, FILL_IN, text=r"^name '_{2,}' is not defined"),
    Rule(UNFILLED, FILL_IN, names=SYNTAX_ERRORS, source=r"[=(,][ \t]*###|[=(,][ \t]*_{3,}"),
    Rule(UNFILLED, FILL_IN, names=SYNTAX_ERRORS, source=r"=[ \t]*(?:#.*)?$"),
    Rule(UNFILLED, FILL_IN, names=SYNTAX_ERRORS, text=r"cannot assign to None"),
    Rule(UNFILLED, FILL_IN, names=("IndentationError",), text=r"indented block", source=MARKER),
    Rule(UNFILLED, FILL_IN, source=r"=[ \t]*\.\.\.[ \t]*(?:#.*)?$"),
    Rule(
        UNFILLED,
        FILL_IN,
        text=r"NoneType",
        source=r"=[ \t]*None[ \t]*#.*(?:(?i:your|code|answer)|여기|작성)|^[ \t]*None[ \t]*=",
    ),
    Rule(
        STALE,
        RUN_IN_ORDER,
        names=NAME_ERRORS,
        text=r"^name '(?P<missing>\w+)' is not defined",
        source=r"^[ \t]*{missing}[ \t]*=[ \t]*{missing}[ \t]*(?:#.*)?$",
    ),
    Rule(
        STALE,
        RUN_IN_ORDER,
        names=NAME_ERRORS,
        text=r"^name '(?P<missing>\w+)' is not defined",
        later=DEFINITION,
    ),
)
