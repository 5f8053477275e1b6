"""The test cases of the class: which nobody or everybody passes, and which one looks wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.chart import RIGHT, WIDTH, Axis, Tick, mark_percents
from autograder.report.class_report.actions import Action
from autograder.report.class_report.grid import CaseItem
from autograder.report.class_report.item_analysis import FEWEST_STUDENTS
from autograder.report.class_report.plots import DOT, Dot, stack_dots
from autograder.report.clean import shorten
from autograder.report.wording import Wording

MOST_CASES = 300
_MOST_ROWS = 40
_MOST_SUSPECTS = 12
_LEFT = 84.0
_UNLIKELY = 0.01  # one-sided probability of so low a correlation by chance
_FEWEST_RUN = 5


@dataclass(frozen=True)
class CaseRow:
    """One test case in the table."""

    question: str
    name: str
    hidden: bool
    students: str
    facility: float | None
    facility_text: str
    discrimination: str
    upper_lower: str


@dataclass(frozen=True)
class Suspect:
    """A test case to look at, and why."""

    name: str
    tone: str
    text: str


@dataclass(frozen=True)
class CaseStrip:
    """One row of dots per question, at the share of students who pass; pixels."""

    height: float
    lines: tuple[tuple[str, float], ...]
    dots: tuple[Dot, ...]
    x_ticks: tuple[Tick, ...]
    title: str
    sentence: str


@dataclass(frozen=True)
class CasesView:
    """All about the test cases; `more` counts those left out of the table."""

    strip: CaseStrip
    suspects: tuple[Suspect, ...]
    rows: tuple[CaseRow, ...]
    more: int


def view_cases(cases: Sequence[CaseItem], wording: Wording) -> CasesView | None:
    """The section; None where there is no test case that ran for anybody."""
    ran = [case for case in cases if case.item.facility is not None]
    if not ran:
        return None
    return CasesView(
        strip=draw_strip(ran, wording),
        suspects=tuple(find_suspects(ran, wording)),
        rows=tuple(_view_row(case, wording) for case in ran[:MOST_CASES]),
        more=max(0, len(ran) - MOST_CASES),
    )


def find_suspects(cases: Sequence[CaseItem], wording: Wording) -> list[Suspect]:
    """Test cases to look at: turned around first, then those nobody or everybody passes."""
    found = []
    for case in cases:
        rank, tone, text = _suspect(case, wording)
        if text:
            found.append((rank, Suspect(shorten(case.name, 60), tone, text)))
    found.sort(key=lambda one: one[0])
    return [suspect for _, suspect in found[:_MOST_SUSPECTS]]


def _suspect(case: CaseItem, wording: Wording) -> tuple[int, str, str]:
    item = case.item
    facility, chance = item.facility, item.chance
    if chance is not None and chance < _UNLIKELY:
        return (
            0,
            "bad",
            wording(
                "Strong students fail it and weak ones pass it (discrimination {value}): look at "
                "this test.",
                value=wording.number(item.discrimination),
            ),
        )
    if facility == 0 and item.students >= _FEWEST_RUN:
        return (
            1,
            "bad",
            wording(
                "Nobody of the {n} students who got that far passes it: look at this test.",
                n=item.students,
            ),
        )
    if facility == 1 and case.hidden and item.students >= FEWEST_STUDENTS:
        return 2, "calm", wording("Everybody passes it: it tells nobody apart.")
    return 3, "", ""


def ask_for_look(view: CasesView | None, wording: Wording) -> list[Action]:
    """What there is to do about tests that look wrong: nothing, or one thing."""
    wrong = [one.name for one in view.suspects if one.tone == "bad"] if view else []
    if not wrong:
        return []
    heading = wording.count("{n} test case looks wrong", "{n} test cases look wrong", len(wrong))
    advice = wording("Read it again, and regrade if it is; “Tests to look at” says why.")
    return [Action("failed", "warn", heading, advice, (", ".join(wrong),))]


def draw_strip(cases: Sequence[CaseItem], wording: Wording) -> CaseStrip:
    """Dots of the test cases, question by question; equals are stacked."""
    axis = Axis(0, 100, _LEFT + DOT + 2, WIDTH - RIGHT - DOT)
    names = list(dict.fromkeys(case.question for case in cases))[:_MOST_ROWS]
    lines, dots, y = [], [], 8.0
    for name in names:
        own = [case for case in cases if case.question == name]
        places = [axis.place(100 * (case.item.facility or 0.0)) for case in own]
        levels = stack_dots(places)
        y += 14 + (2 * DOT + 1) * max(levels)
        lines.append((shorten(name, 11), y))
        for case, x, level in zip(own, places, levels, strict=True):
            dots.append(_draw_dot(case, x, y - (2 * DOT + 1) * level, wording))
        y += 8
    return CaseStrip(
        height=y + 22,
        lines=tuple(lines),
        dots=tuple(dots),
        x_ticks=mark_percents(axis),
        title=wording("Share of students who pass each test case"),
        sentence=wording(
            "One dot per test case, over the students for whom it ran; hidden ones are filled."
        ),
    )


def _draw_dot(case: CaseItem, x: float, y: float, wording: Wording) -> Dot:
    _, tone, text = _suspect(case, wording)
    words = f"{shorten(case.name, 60)}: {wording.percent(case.item.facility or 0.0)}. {text}"
    return Dot(x, y, tone or "plain", words.strip(), hollow=not case.hidden)


def _view_row(case: CaseItem, wording: Wording) -> CaseRow:
    item = case.item
    facility = item.facility or 0.0
    return CaseRow(
        question=shorten(case.question, 40),
        name=shorten(case.name, 60),
        hidden=case.hidden,
        students=wording.number(item.students, 0),
        facility=facility,
        facility_text=wording.percent(facility),
        discrimination=wording.number(item.discrimination),
        upper_lower=wording.number(item.upper_lower),
    )
