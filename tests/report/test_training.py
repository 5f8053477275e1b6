import math

import pytest

from autograder.report.training import (
    draw_bullet,
    draw_confusion,
    draw_residuals,
    find_mix_ups,
    view_training,
)
from autograder.report.wording import Wording
from autograder.schema import Confusion, Residuals, Spread, TrainingTrial

EN = Wording("en")


@pytest.mark.parametrize(
    ("value", "tone", "beginning"),
    [
        (0.9, "good", "Enough for full marks"),
        (0.85, "good", "Enough for full marks"),
        (0.7, "warn", "Between the two thresholds: part of the marks. 0.15 more"),
        (0.62, "bad", "Not yet beyond 0.62"),
        (None, "bad", "Nothing could be measured"),
        (math.nan, "bad", "Nothing could be measured"),
    ],
)
def test_the_metric_is_judged_against_both_thresholds(make_training, value, tone, beginning):
    bullet = draw_bullet(make_training(value=value), EN)
    assert bullet.tone == tone
    assert bullet.sentence.startswith(beginning)


def test_a_metric_where_less_is_better_turns_the_zones_round(make_training):
    training = make_training(
        value=9.0, full_marks_at=8.0, no_marks_below=30.0, lower_is_better=True
    )
    bullet = draw_bullet(training, EN)
    assert [zone.kind for zone in bullet.zones] == ["full", "some", "none"]
    assert "1 less would be full marks" in bullet.sentence


@pytest.mark.parametrize(("value", "beyond"), [(1e9, "right"), (-1e9, "left"), (0.7, "")])
def test_a_value_far_off_stays_in_the_drawing_and_is_marked(make_training, value, beyond):
    bullet = draw_bullet(make_training(value=value), EN)
    assert bullet.beyond == beyond
    assert 0 <= bullet.marker <= 340


@pytest.mark.parametrize(
    ("full", "none"), [(0.5, 0.5), (0.0, 0.0), (1.0, 1.0), (1e9, -1e9), (1e-9, 0.0)]
)
def test_odd_thresholds_still_give_zones_of_no_negative_width(make_training, full, none):
    bullet = draw_bullet(make_training(full_marks_at=full, no_marks_below=none), EN)
    assert all(zone.width >= 0 for zone in bullet.zones)
    assert sum(zone.width for zone in bullet.zones) == pytest.approx(324)


def test_thresholds_that_are_no_numbers_draw_nothing(make_training):
    assert draw_bullet(make_training(full_marks_at=math.inf), EN) is None


def test_a_model_over_its_budget_is_marked(make_training):
    time, parameters = view_training(make_training(parameters=25001), EN).budgets
    assert (time.over, parameters.over) == (False, True)
    assert parameters.text == "25,001 of 25,000"
    assert parameters.share == 1.0


def test_the_commonest_confusions_come_first_and_rare_ones_are_left_out():
    confusion = Confusion(labels=("cat", "dog", "cow"), counts=((9, 8, 1), (3, 9, 0), (0, 0, 9)))
    assert find_mix_ups(confusion, EN) == (
        "“cat” was taken for “dog” 8 times (of 18).",
        "“dog” was taken for “cat” 3 times (of 12).",
    )


def test_no_confusion_is_said_too():
    confusion = Confusion(labels=("a", "b"), counts=((5, 0), (0, 5)))
    assert find_mix_ups(confusion, EN) == ("No example was mistaken for another class.",)


def test_a_matrix_too_large_to_read_is_told_in_words_only(make_training):
    n = 40
    rows = [[90] * i + [7] + [0] * (n - 1 - i) for i in range(n)]
    confusion = Confusion(labels=tuple(map(str, range(n))), counts=tuple(map(tuple, rows)))
    view = view_training(make_training(confusion=confusion), EN)
    assert view.heat_map is None
    assert len(view.mix_ups) == 3


@pytest.mark.parametrize("counts", [((1,), (2, 3, 4)), (), ((0, 0), (0, 0)), ((-1, 5), (2, -3))])
def test_a_matrix_of_the_wrong_shape_breaks_nothing(counts):
    confusion = Confusion(labels=("a", "b"), counts=counts)
    cells = draw_confusion(confusion, EN).cells
    assert all(0 <= cell.strength <= 1 for cell in cells)
    assert find_mix_ups(confusion, EN)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((1, 6, 6, 1), "Predictions are off by about 0.64, in no clear direction."),
        ((0, 0, 1, 9), "Predictions are about 1.4 too high on average."),
        ((9, 1, 0, 0), "Predictions are about 1.4 too low on average."),
        ((0, 0, 0, 0), ""),
    ],
)
def test_residuals_are_read_as_bias_or_size(counts, sentence):
    histogram = draw_residuals(Residuals(edges=(-2, -1, 0, 1, 2), counts=counts), EN)
    assert histogram.sentence == sentence


@pytest.mark.parametrize(
    "edges", [(), (0.0,), (0.0, 0.0), (1.0, 0.0), (0.0, math.inf), (math.nan, 1.0), (0.0, 1.0, 2.0)]
)
def test_residuals_without_rising_edges_are_not_drawn(edges):
    assert draw_residuals(Residuals(edges=edges, counts=(3,)), EN) is None


def test_a_model_scored_by_its_predictions_says_so(make_training):
    assert "could not rebuild" in view_training(make_training(evaluated="predictions"), EN).note
    assert view_training(make_training(), EN).note == ""


def test_a_calibrated_full_mark_and_repeated_trainings_are_told(make_training):
    trials = (TrainingTrial(seed=0, value=0.841), TrainingTrial(seed=1, value=0.862))
    spread = Spread(mean=0.912, sd=0.0079, runs=30)
    view = view_training(make_training(value=0.862, trials=trials, spread=spread), EN)
    assert "repeated with other random numbers: 0.841, 0.862. The best run counts." in view.trials
    assert "reaches 0.912 on average (standard deviation 0.0079, 30 trainings" in view.reference
    plain = view_training(make_training(value=0.862), EN)
    assert (plain.trials, plain.reference) == ("", "")
