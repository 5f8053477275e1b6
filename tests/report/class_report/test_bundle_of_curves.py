import math

import numpy as np

from autograder.report.class_report.bundle_of_curves import (
    MOST_LINES,
    MOST_POINTS,
    draw_bundles,
    find_median,
)
from autograder.report.wording import Wording

EN = Wording("en")


def test_the_median_curve_goes_as_far_as_a_quarter_of_the_class():
    curves = [[1.0, 2.0]] * 6 + [[3.0, 4.0, 5.0]] * 2 + [[math.nan, None, 9.0, 9.0]]
    assert find_median(curves) == [1.0, 2.0, 5.0, None]


def test_curves_of_a_large_class_are_thinned():
    history = {"loss": tuple(float(v) for v in np.linspace(2, 0, 5000))}
    bundle = draw_bundles([(f"s{i}", "good", history) for i in range(400)], EN)[0]
    assert len(bundle.lines) == MOST_LINES
    points = sum(line.path.count("L") + line.path.count("M") for line in bundle.lines)
    assert points <= MOST_POINTS * 1.1


def test_curves_show_validation_where_most_have_it():
    with_it = {"loss": (2.0, 1.0), "val_loss": (2.0, 1.5), "auc": (0.1, 0.2)}
    names = [one.name for one in draw_bundles([("a", "good", with_it)] * 3, EN)]
    assert names == ["loss (validation)", "auc (training)"]
