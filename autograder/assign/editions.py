"""Splits the text of a master by language, and takes titles out of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.assign.dialect import Master, MasterCell
from autograder.assign.place import Place
from autograder.errors import Problem
from autograder.schema import AssessmentConfig
from autograder.schema.assessment import LanguageCode

_MARKER = re.compile(r"^[ \t]*<!--[ \t]*lang:(\w+)[ \t]*-->[ \t]*$\n?", re.MULTILINE)
_POINTS = re.compile(r"\s*[(\[]\s*\d+(?:\.\d+)?\s*(?:점|points?|pts?)\s*[)\]]", re.IGNORECASE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}|<[^>]*>")


def find_editions(
    master: Master, config: AssessmentConfig
) -> tuple[tuple[LanguageCode, ...], list[Problem]]:
    """Languages to build, the main one first, and what is wrong with the marks in the text."""
    problems: list[Problem] = []
    marked = False
    for cell in master.cells:
        languages = [] if cell.is_code else _MARKER.findall(cell.source)
        marked = marked or bool(languages)
        if len(languages) > 1 or any(language != "en" for language in languages):
            what = "the text is split by more or other marks than one `<!-- lang:en -->`"
            problems.append(cell.place.problem(what, "put the English text below one such line"))
    problems += _config_problems(config)
    wanted: tuple[LanguageCode, ...] = config.editions or (("en",) if marked else ())
    return tuple(dict.fromkeys((config.language, *wanted))), problems


def _config_problems(config: AssessmentConfig) -> list[Problem]:
    return [
        Place("assessment.toml").problem(
            f"edition `{edition}` has no text", "only English may be a second language"
        )
        for edition in config.editions
        if edition not in (config.language, "en")
    ]


def text_for(source: str, edition: str, main: str) -> str:
    """Text of a markdown cell for one edition; a cell without a mark is the same in all."""
    parts = _MARKER.split(source, maxsplit=1)
    if len(parts) == 1:
        return source
    return parts[0].rstrip("\n") if edition == main else parts[2].strip("\n")


def title_of(cells: Sequence[MasterCell], edition: str, main: str) -> str:
    """First heading, or else first line, of the markdown in `cells`; empty without any."""
    texts = [text_for(cell.source, edition, main) for cell in cells if not cell.is_code]
    lines = [line.strip() for text in texts for line in text.split("\n") if line.strip()]
    headings = [line for line in lines if line.startswith("#")]
    return plain_title((headings or lines or [""])[0])


def plain_title(line: str) -> str:
    """A line of markdown without markup and without the points it names."""
    text = _LINK.sub(r"\1", line.lstrip("#").strip().rstrip("#"))
    return _MARKUP.sub("", _POINTS.sub("", text)).strip(" :.-–—")
