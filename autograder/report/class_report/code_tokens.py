"""Code of a notebook as tokens that a disguise does not change: no comments, no own names.

Names that the notebook itself gives (variables, functions, parameters, aliases) become one sign;
names of libraries, attributes and keyword arguments stay, as they say what is done. Strings
become one sign, numbers stay. Code that is not Python gives the tokens up to its fault.
"""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from autograder import notebook
from autograder.errors import SubmissionError

MOST_CHARACTERS = 60_000  # of one notebook's code; what comes after is not looked at
_MOST_LINE = 5_000
_OWN, _TEXT = "·", "“”"
_SKIPPED = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
)
_MAGIC = re.compile(r"^\s*[%!?]")
_BINDERS = ("def", "class", "as", "for", "global", "nonlocal")
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_ASSIGNS = frozenset(("=", ":=", "+=", "-=", "*=", "/="))


class Token(NamedTuple):
    """One token: its normalised text, and the line (from 0) on which it begins.

    A named tuple, as a class has a million of them.
    """

    text: str
    line: int


@dataclass(frozen=True)
class Cell:
    """A code cell: its number from 1, its lines, and its tokens."""

    number: int
    lines: tuple[str, ...]
    tokens: tuple[Token, ...]


class _Raw(NamedTuple):
    kind: int
    text: str
    line: int


_END = _Raw(tokenize.OP, "\n", 0)


@dataclass(frozen=True)
class Given:
    """What a released notebook holds: its cells, and the names that they give."""

    sources: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


_NOTHING = Given()


def read_given(content: bytes) -> Given:
    """What is not a student's own; nothing where the notebook cannot be read."""
    sources = [source for _, source in _list_sources(content, _NOTHING) or ()]
    raws = [list(_split(source)) for source in sources]
    return Given(frozenset(sources), _find_names(raws))


def read_cells(content: bytes, given: Given = _NOTHING) -> tuple[Cell, ...] | None:
    """The code cells of a notebook in normalised tokens; None if it cannot be read.

    Cells that are as they were given are left out.
    """
    sources = _list_sources(content, given)
    if sources is None:
        return None
    raws = [list(_split(source)) for _, source in sources]
    own = given.names | _find_names(raws)
    return tuple(
        Cell(number, tuple(source.split("\n")), tuple(_normalise(raw, own)))
        for (number, source), raw in zip(sources, raws, strict=True)
        if raw
    )


def _list_sources(content: bytes, given: Given) -> list[tuple[int, str]] | None:
    """Number and code of each cell that was not given, `MOST_CHARACTERS` together."""
    try:
        parsed = notebook.parse_notebook(content)
    except SubmissionError:
        return None
    sources, left = [], MOST_CHARACTERS
    for number, cell in notebook.code_cells(parsed):
        source = _drop_magics(notebook.source_of(cell)[:left])
        if source not in given.sources:
            left -= len(source)
            sources.append((number, source))
    return sources


def _find_names(raws: Sequence[Sequence[_Raw]]) -> frozenset[str]:
    return frozenset().union(*map(find_own_names, raws))


def _drop_magics(source: str) -> str:
    """`source` without shell and magic lines and without lines that no person wrote."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ("" if _MAGIC.match(line) or len(line) > _MOST_LINE else line for line in lines)
    return "\n".join(kept)


def _split(source: str) -> Iterator[_Raw]:
    """Tokens of `source`, up to the first place that is not Python; each statement ends in ⏎."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NEWLINE:
                yield _Raw(tokenize.OP, "\n", token.start[0] - 1)
            elif token.type not in _SKIPPED:
                yield _Raw(token.type, token.string, token.start[0] - 1)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return


def find_own_names(tokens: Sequence[_Raw]) -> frozenset[str]:
    """Names that the code itself gives, by the tokens around them: no syntax tree is needed."""
    own: set[str] = set()
    statement: list[_Raw] = []
    for token in [*tokens, _END]:
        if token.text == "\n":
            own.update(_find_bound(statement))
            statement = []
        else:
            statement.append(token)
    return frozenset(own)


def _find_bound(statement: Sequence[_Raw]) -> Iterator[str]:
    """Names that one statement binds."""
    yield from _find_targets(statement)
    binding, depth = "", 0
    for i, token in enumerate(statement):
        depth += _BRACKETS.get(token.text, 0)
        before = statement[i - 1].text if i else ""
        if token.text in _BINDERS or token.text == "lambda":
            binding = token.text
        elif binding and _ends_binding(binding, token.text, depth):
            binding = ""
        elif _is_name(token) and before != "." and _binds(binding, before):
            yield token.text


def _ends_binding(binding: str, text: str, depth: int) -> bool:
    if text == ":":
        return depth == 0 or binding == "lambda"
    return text == ("in" if binding == "for" else "import")


def _binds(binding: str, before: str) -> bool:
    """Whether a name after `before` is bound by the last `binding` word."""
    if binding == "as":
        return before == "as"
    if binding in ("def", "lambda"):  # the name and the parameters, not annotations or defaults
        return before in ("def", "lambda", "(", ",", "*", "**")
    if binding == "class":
        return before == "class"
    return binding in ("for", "global", "nonlocal")


def _find_targets(statement: Sequence[_Raw]) -> Iterator[str]:
    """Names on the left of an assignment, outside brackets or in a tuple on the left."""
    depth, last = 0, -1
    for i, token in enumerate(statement):
        depth += _BRACKETS.get(token.text, 0)
        if token.text in _ASSIGNS and (depth == 0 or token.text == ":="):
            for j in range(i - 1 if token.text == ":=" else last + 1, i):
                follows = statement[j + 1].text
                named = _is_name(statement[j]) and (j == 0 or statement[j - 1].text != ".")
                if named and (follows in _ASSIGNS or follows in (",", ")", "]", ":")):
                    yield statement[j].text
            last = i


def _is_name(token: _Raw) -> bool:
    return token.kind == tokenize.NAME and not keyword.iskeyword(token.text)


def _normalise(raw: Sequence[_Raw], own: frozenset[str]) -> Iterator[Token]:
    depth, defines = 0, False
    for i, token in enumerate(raw):
        depth += _BRACKETS.get(token.text, 0)
        text = token.text
        defines = text == "def" or (defines and text != "\n")  # its parameters are own names
        if text == "," and i + 1 < len(raw) and raw[i + 1].text in (")", "]", "}"):
            continue  # formatters put it there or take it away
        if token.kind == tokenize.STRING:
            text = _TEXT
        elif _is_name(token) and text in own:
            attribute = i > 0 and raw[i - 1].text == "."
            keyword_argument = depth > 0 and i + 1 < len(raw) and raw[i + 1].text == "="
            named = keyword_argument and not defines
            text = text if attribute or named else _OWN
        yield Token(text, token.line)
