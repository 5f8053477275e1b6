"""The section on variants: whether the one that a student drew mattered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.report.class_report.actions import Action
from autograder.report.class_report.grid import Grid
from autograder.report.class_report.item_analysis import FEWEST_STUDENTS
from autograder.report.class_report.questions import name_short
from autograder.report.class_report.variant_items import (
    UNLIKELY,
    Contrast,
    VariantItems,
    measure_variants,
)
from autograder.report.clean import shorten
from autograder.report.wording import Wording

MOST_ROWS = 60
_NEGLIGIBLE = 0.05  # of a share; 0.10 is large (Dorans & Kulick 1986, for the standardised p-DIF)

_IN_QUESTION = (
    "{size} points in 100 harder than in the others, for equally good students.",
    "{size} points in 100 easier than in the others, for equally good students.",
)
_AS_WHOLE = (
    "As a whole {size} points in 100 harder than the others.",
    "As a whole {size} points in 100 easier than the others.",
)


@dataclass(frozen=True)
class Cell:
    """One variant in one question: its facility, and what stands out of it."""

    text: str
    tone: str = ""
    title: str = ""


@dataclass(frozen=True)
class VariantRow:
    """One variant in the table."""

    name: str
    students: str
    facility: float | None
    facility_text: str
    difference: Cell
    questions: tuple[Cell, ...]


@dataclass(frozen=True)
class Finding:
    """What stands out, in words; `place` is the variant, or the variant and question."""

    place: str
    tone: str
    text: str


@dataclass(frozen=True)
class VariantsView:
    """All about the variants; `more` counts those left out of the table."""

    sentence: str
    findings: tuple[Finding, ...]
    questions: tuple[str, ...]
    rows: tuple[VariantRow, ...]
    more: int


def view_variants(grid: Grid, wording: Wording) -> VariantsView | None:
    """The section; None where students had one assessment, all the same."""
    handed_in = {result.variant for result in grid.results if result.variant}
    if len(handed_in) < 2:
        return None
    variants = measure_variants(grid)
    findings = [found for one in variants for found in _list_findings(one, grid.names, wording)]
    kept = sorted(variants, key=lambda one: one.whole.facility if one.whole else 0.0)
    return VariantsView(
        sentence=_say_who_counts(len(handed_in), len(variants), wording),
        findings=tuple(findings),
        questions=tuple(name_short(name) for name in grid.names),
        rows=tuple(_view_row(one, wording) for one in kept[:MOST_ROWS]),
        more=max(0, len(kept) - MOST_ROWS),
    )


def ask_about_variants(view: VariantsView | None, wording: Wording) -> list[Action]:
    """What there is to do about variants that are not equally hard: nothing, or one thing."""
    if view is None or not view.findings:
        return []
    heading = wording("Not all variants were equally hard")
    advice = wording(
        "Read the question in that variant. If it is harder there, change its points or thresholds "
        "and regrade; “Variants” has the figures."
    )
    tone = "bad" if any(one.tone == "bad" for one in view.findings) else "warn"
    places = tuple(one.place for one in view.findings[:3])
    return [Action("failed", tone, heading, advice, places)]


def stands_out(contrast: Contrast | None) -> bool:
    """Whether chance does not explain the difference, and it is worth a thought."""
    return (
        contrast is not None
        and contrast.difference is not None
        and contrast.chance is not None
        and contrast.chance < UNLIKELY
        and abs(contrast.difference) >= _NEGLIGIBLE
    )


def _say_who_counts(handed_in: int, judged: int, wording: Wording) -> str:
    if judged == 0:
        return wording(
            "{n} variants were handed in, none by the {fewest} students that a comparison needs.",
            n=handed_in,
            fewest=FEWEST_STUDENTS,
        )
    return wording(
        "Which variant a student got was decided as if by lot, so groups differ by chance alone. "
        "{judged} of {n} variants have the {fewest} students that a comparison needs; in each "
        "question, students who did equally well in the others are compared.",
        judged=judged,
        n=handed_in,
        fewest=FEWEST_STUDENTS,
    )


def _list_findings(variant: VariantItems, names: Sequence[str], wording: Wording) -> list[Finding]:
    found = []
    for name, contrast in zip(("", *names), (variant.whole, *variant.questions), strict=True):
        if contrast is None or not stands_out(contrast):
            continue
        difference = contrast.difference or 0.0
        size = wording.number(100 * abs(difference), 0)
        harder, easier = _IN_QUESTION if name else _AS_WHOLE
        text = wording(harder if difference < 0 else easier, size=size)
        place = " · ".join(filter(None, (shorten(variant.name, 40), name_short(name))))
        found.append(Finding(place, _find_tone(difference), text))
    return found


def _find_tone(difference: float) -> str:
    return "bad" if abs(difference) >= 2 * _NEGLIGIBLE else "warn"


def _view_row(variant: VariantItems, wording: Wording) -> VariantRow:
    whole = variant.whole
    return VariantRow(
        name=shorten(variant.name, 40),
        students=wording.number(variant.students, 0),
        facility=whole.facility if whole else None,
        facility_text=wording.percent(whole.facility) if whole else "–",
        difference=_view_difference(whole, wording),
        questions=tuple(_view_cell(one, wording) for one in variant.questions),
    )


def _view_difference(contrast: Contrast | None, wording: Wording) -> Cell:
    if contrast is None or contrast.difference is None:
        return Cell("–")
    points = round(100 * contrast.difference)
    tone = _find_tone(contrast.difference) if stands_out(contrast) else ""
    return Cell(
        f"{points:+d}".replace("-", "−") if points else "0", tone, _say_chance(contrast, wording)
    )


def _view_cell(contrast: Contrast | None, wording: Wording) -> Cell:
    if contrast is None:
        return Cell("–")
    tone = _find_tone(contrast.difference or 0.0) if stands_out(contrast) else ""
    return Cell(wording.percent(contrast.facility), tone, _say_chance(contrast, wording))


def _say_chance(contrast: Contrast, wording: Wording) -> str:
    if contrast.difference is None or contrast.chance is None:
        return ""
    return wording(
        "{n} students; difference {difference} points in 100, p = {chance} (corrected)",
        n=contrast.students,
        difference=wording.number(100 * contrast.difference, 1),
        chance=wording.number(contrast.chance, 3),
    )
