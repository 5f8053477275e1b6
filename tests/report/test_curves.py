import math
import re

import pytest

from autograder.report.curves import draw_curves, find_best, read_curves
from autograder.report.wording import Wording

EN = Wording("en")
FALLING = tuple(2.0 - 0.1 * i for i in range(15))
LEVEL = tuple(2.0 * math.exp(-i) + 0.1 for i in range(15))
TURNING = tuple(1.0 + 0.02 * (i - 6) ** 2 for i in range(15))


@pytest.mark.parametrize(
    ("history", "beginning"),
    [
        (
            {"loss": LEVEL, "val_loss": TURNING},
            "Overfitting: the validation loss was lowest in epoch 7",
        ),
        ({"loss": FALLING, "val_loss": FALLING}, "Both curves still fall"),
        ({"loss": FALLING}, "The loss still falls"),
        ({"loss": LEVEL, "val_loss": LEVEL}, "The curves have levelled off"),
        ({"loss": FALLING, "val_loss": LEVEL}, "The curves have levelled off"),
        ({"loss": (2.303,) * 9 + (2.302,)}, "The training loss hardly moved"),
        ({"loss": (1.0, 0.6, 0.5, 0.7, 1.4, 2.2)}, "The training loss rises"),
        ({"loss": (1.0, None, None, None)}, "From epoch 2 on the loss is not a number"),
        ({"loss": (1.0, 0.9, 0.8), "val_loss": (1.0, 0.9, math.inf)}, "From epoch 3 on"),
        ({"loss": (1.0,)}, "With only 1 epoch there"),
        ({"loss": (1.0, 0.9)}, "With only 2 epochs there"),
        ({"loss": (0.0,) * 6}, "The training loss hardly moved"),
        ({"accuracy": (0.5, 0.6)}, ""),
        ({"loss": ()}, ""),
    ],
)
def test_the_reading_names_what_the_curves_show(history, beginning):
    sentence = read_curves(history, EN)
    assert sentence.startswith(beginning)
    assert bool(sentence) == bool(beginning)


def test_a_validation_loss_that_rises_only_a_little_is_no_overfitting():
    validation = tuple(value + 0.001 * i for i, value in enumerate(LEVEL))
    assert "Overfitting" not in read_curves({"loss": LEVEL, "val_loss": validation}, EN)


@pytest.mark.parametrize(
    ("name", "best"), [("loss", 1), ("mae", 1), ("root_mean_squared_error", 1), ("accuracy", 2)]
)
def test_best_is_least_for_losses_and_greatest_for_the_rest(name, best):
    assert find_best(name, (0.5, 0.1, 0.9, math.nan, None)) == best
    assert find_best(name, (None, math.inf)) is None


def test_loss_and_the_first_other_metric_are_drawn():
    history = {
        "accuracy": LEVEL,
        "learning_rate": LEVEL,
        "auc": LEVEL,
        "loss": LEVEL,
        "val_loss": LEVEL,
    }
    charts = draw_curves(history, EN)
    assert [chart.name for chart in charts] == ["loss", "accuracy"]
    assert [line.kind for line in charts[0].lines] == ["train", "validation"]


def test_the_best_epoch_is_marked_on_the_validation_curve():
    chart = draw_curves({"loss": LEVEL, "val_loss": TURNING}, EN)[0]
    assert chart.best.text == "best: epoch 7"
    assert "best 1 in epoch 7" in chart.sentence


def test_values_over_many_powers_of_ten_get_a_logarithmic_scale():
    assert draw_curves({"loss": (1e6, 1e3, 1.0, 0.5)}, EN)[0].logarithmic
    assert not draw_curves({"loss": (2.0, 1.0, 0.5)}, EN)[0].logarithmic


@pytest.mark.parametrize(
    "values",
    [
        (None, 1.0, None, 2.0, 3.0),
        (math.nan, math.inf, -math.inf, 1.0),
        (1e308, -1e308, 1.0),
        (0.0, 0.0),
        (5e-324, 1.0),
        (-1e-12, 1e-12),
        (1e29, 1e29),
        (7.0,),
        tuple(float(i) for i in range(100_000)),
    ],
)
def test_any_numbers_give_a_bounded_drawing_within_its_frame(values):
    charts = draw_curves({"loss": values, "val_loss": values[::-1]}, EN)
    for line in charts[0].lines:
        assert len(line.path) < 6000
        numbers = [float(text) for text in re.findall(r"-?\d+\.\d+", line.path)]
        assert all(0 <= number <= 340 for number in numbers)
    assert len(charts[0].y_ticks) <= 21


def test_no_number_at_all_draws_nothing():
    assert draw_curves({"loss": (None, math.nan), "accuracy": ()}, EN) == []


def test_gaps_break_the_line():
    path = draw_curves({"loss": (3.0, 2.0, None, 1.0)}, EN)[0].lines[0].path
    assert path.count("M") == 2
