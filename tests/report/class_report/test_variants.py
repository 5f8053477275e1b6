from dataclasses import replace as replace_fields

import numpy as np
import pytest

from autograder.report.class_report.grid import make_grid
from autograder.report.class_report.item_analysis import FEWEST_STUDENTS
from autograder.report.class_report.variant_items import contrast_group, measure_variants
from autograder.report.class_report.variants import ask_about_variants, view_variants
from autograder.report.wording import Wording

EN = Wording("en")


def deal(results, names):
    return [
        result.model_copy(update={"variant": names[i % len(names)]})
        for i, result in enumerate(results)
    ]


def make_harder(result, question, lost):
    questions = tuple(
        one.model_copy(update={"score": max(0.0, one.score - lost * one.points)})
        if one.name == question
        else one
        for one in result.questions
    )
    return result.model_copy(update={"questions": questions})


def test_a_question_that_is_harder_in_one_variant_is_named(make_class):
    results = deal(make_class(160), ["v1", "v2", "v3", "v4"])
    results = [make_harder(one, "q3", 0.6) if one.variant == "v2" else one for one in results]
    view = view_variants(make_grid(results), EN)
    assert "v2 · q3" in [one.place for one in view.findings]
    assert all(one.place.startswith("v2") for one in view.findings)
    (row,) = [one for one in view.rows if one.name == "v2"]
    marked = [name for name, cell in zip(view.questions, row.questions, strict=True) if cell.tone]
    assert marked == ["q3"]
    (action,) = ask_about_variants(view, EN)
    assert "v2 · q3" in action.notes


def test_equally_hard_variants_are_seldom_suspected(make_class):
    suspected = sum(
        bool(
            view_variants(make_grid(deal(make_class(96, seed=seed), list("abcdefgh"))), EN).findings
        )
        for seed in range(1, 41)
    )
    assert suspected <= 6  # 5 % of 40 are 2; more than 6 has a probability of 0.003


def test_the_chance_is_that_of_drawing_the_group_by_lot():
    random = np.random.default_rng(3)
    rests = random.normal(size=60)
    shares = (rests + random.normal(size=60) > 0).astype(float)
    group = np.zeros(60, dtype=bool)
    group[:20] = True
    shares[:20] = np.minimum(shares[:20], random.random(20) < 0.7)
    slope = np.polyfit(rests, shares, 1)
    left = shares - np.polyval(slope, rests)
    found = contrast_group(shares, rests, group)
    drawn = [left[random.permutation(60)[:20]].mean() for _ in range(20_000)]
    chance = np.mean(np.abs(drawn) >= abs(left[:20].mean()))
    assert found.chance == pytest.approx(chance, abs=0.02)
    assert found.difference == pytest.approx(left[:20].mean() - left[20:].mean())


def test_a_variant_in_which_everybody_fails_has_a_figure():
    shares = np.r_[np.zeros(12), np.ones(40)]
    group = np.r_[np.ones(12, dtype=bool), np.zeros(40, dtype=bool)]
    found = contrast_group(shares, np.zeros(52), group)
    assert (found.facility, found.difference) == (0.0, -1.0)
    assert found.chance < 1e-6


def test_the_same_for_all_is_no_difference():
    group = np.arange(40) < 20
    found = contrast_group(np.ones(40), np.arange(40.0), group)
    assert (found.difference, found.chance) == (0.0, 1.0)


def test_few_students_are_counted_and_not_judged(make_class):
    results = deal(make_class(FEWEST_STUDENTS * 2), [f"v{i}" for i in range(10)])
    view = view_variants(make_grid(results), EN)
    assert view.rows == ()
    assert view.sentence.startswith("10 variants were handed in, none by the 10 students")
    assert ask_about_variants(view, EN) == []


def test_without_variants_there_is_no_section(make_class):
    results = make_class(30)
    assert view_variants(make_grid(results), EN) is None
    assert view_variants(make_grid(deal(results, ["v1"])), EN) is None
    assert ask_about_variants(None, EN) == []


def test_chances_are_corrected_for_the_number_of_contrasts(make_class):
    grid = make_grid(deal(make_class(120), list("abcdef")))
    variants = measure_variants(grid)
    group = np.array([one.variant == "a" for one in grid.results])
    column = grid.names.index("q2")
    alone = contrast_group(grid.shares[:, column], grid.rests[:, column], group)
    together = variants[0].questions[column]
    assert together == replace_fields(alone, chance=together.chance)
    assert together.chance >= alone.chance
    chances = sorted(
        one.chance for variant in variants for one in (variant.whole, *variant.questions) if one
    )
    assert chances[-1] == 1.0
