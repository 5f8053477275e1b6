"""All sections of the class page, by the names that its template knows them by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.report.class_report.actions import TONES, list_actions
from autograder.report.class_report.cases import ask_for_look, view_cases
from autograder.report.class_report.errors import find_common_errors
from autograder.report.class_report.grid import make_grid, measure_cases
from autograder.report.class_report.item_map import draw_item_map
from autograder.report.class_report.overview import draw_scores, summarise, view_reliability
from autograder.report.class_report.pairs import view_similarity
from autograder.report.class_report.questions import view_questions
from autograder.report.class_report.similarity import Similarity
from autograder.report.class_report.students import view_students
from autograder.report.class_report.times import view_times
from autograder.report.class_report.trainings import view_trainings
from autograder.report.class_report.variants import ask_about_variants, view_variants
from autograder.report.wording import Wording
from autograder.schema import Result


def view_class(
    results: Sequence[Result],
    similarity: Similarity | None,
    links: Mapping[str, str],
    wording: Wording,
) -> dict[str, object]:
    """What the template shows; None or empty where a section has nothing to tell."""
    graded = [result for result in results if result.outcome == "graded"]
    grid = make_grid(results)
    found = grid.estimate_reliability()
    cases = view_cases(measure_cases(grid), wording)
    variants = view_variants(grid, wording)
    asked = [*ask_for_look(cases, wording), *ask_about_variants(variants, wording)]
    actions = [*list_actions(results, links, wording), *asked]
    return {
        "graded_at": max((result.graded_at for result in results), default=None),
        "actions": sorted(actions, key=lambda action: TONES.index(action.tone)),
        "figures": summarise(results, wording),
        "histogram": draw_scores(graded, wording),
        "reliability": view_reliability(found, len(grid.results), wording)
        if grid.results
        else None,
        "item_map": draw_item_map(grid, wording),
        "questions": view_questions(grid, found, wording),
        "question_count": len({one.name for result in grid.results for one in result.questions}),
        "cases": cases,
        "variants": variants,
        "errors": find_common_errors(graded, wording, links),
        "trainings": view_trainings(results, links, wording),
        "times": view_times(results, links, wording),
        "similarity": view_similarity(similarity, results, links, wording) if similarity else None,
        "students": view_students(results, links, wording),
    }
