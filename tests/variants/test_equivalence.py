"""Two one-sided tests: alike variants stay, a harder one is found and named."""

import math
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from autograder.cli.pools import tell_equivalence
from autograder.variants.equivalence import Measure, compare, explain, find_equivalent
from autograder.variants.plot import draw_equivalence


def runs(means, sd=0.008, count=5, seed=0):
    generator = np.random.default_rng(seed)
    return {name: list(generator.normal(mean, sd, count)) for name, mean in means.items()}


def alike(count=8):
    return {f"v{number}": 0.91 for number in range(count)}


def test_alike_variants_all_stay():
    found = find_equivalent([Measure("accuracy", 0.03, runs(alike()))])
    assert not found.dropped
    assert len(found.rows) == 8
    assert all(row.equivalent for row in found.rows)


@pytest.mark.parametrize("off", [-0.3, -0.08, 0.08])
def test_a_harder_or_easier_variant_is_named_and_no_other(off):
    found = find_equivalent([Measure("accuracy", 0.03, runs(alike() | {"v5": 0.91 + off}))])
    assert list(found.dropped) == ["v5"]
    assert all(row.equivalent == (row.variant != "v5") for row in found.rows)
    assert explain(found.dropped["v5"]).startswith(f"accuracy: {'-' if off < 0 else '+'}0.")
    assert "--seeds" not in explain(found.dropped["v5"])


def test_several_outliers_are_found_one_after_the_other():
    found = find_equivalent(
        [Measure("accuracy", 0.03, runs(alike() | {"v1": 0.5, "v2": 0.7, "v3": 0.99}))]
    )
    assert list(found.dropped) == ["v1", "v2", "v3"]


def test_a_slower_variant_is_found_as_a_ratio():
    times = {name: [math.log(4), math.log(4.2), math.log(3.9)] for name in alike()}
    times["v0"] = [math.log(9), math.log(9.4), math.log(9.1)]
    measures = [
        Measure("accuracy", 0.03, runs(alike(), count=3)),
        Measure("time", math.log(1.5), times, is_ratio=True),
    ]
    found = find_equivalent(measures)
    assert list(found.dropped) == ["v0"]
    assert "2.27 times that of the others" in explain(found.dropped["v0"])


def test_each_measure_is_told_in_a_table_that_fits_a_narrow_terminal(capsys):
    times = {"v0": [math.log(4), math.log(4.1)] * 3, "v1": [math.log(9), math.log(9.2)] * 3}
    measures = [
        Measure("q4 average_precision", 0.03, runs(dict.fromkeys(times, 0.91), count=6)),
        Measure("q4 time", math.log(1.5), times, is_ratio=True),
    ]
    tell_equivalence(find_equivalent(measures))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) < 80
    heads = [line.strip() for line in lines if "margin" in line]
    assert heads == ["q4 average_precision, margin ±0.030", "q4 time, margin ×1.50"]
    assert " ✗ │ v0      │ 4.05 s │ ×0.45 (×0.44 … ×0.45)" in map(str.rstrip, lines)


def test_too_noisy_to_tell_is_not_equivalent_and_says_so():
    row = compare(Measure("accuracy", 0.01, runs(alike(), sd=0.05, count=3)), "v1", ["v2", "v3"])
    assert row.is_unclear
    assert "measure with more --seeds" in explain(row)


def test_what_is_not_random_is_compared_as_it_is():
    same = {"a": [0.5, 0.5], "b": [0.5, 0.5], "c": [0.52, 0.52]}
    assert not find_equivalent([Measure("m", 0.03, same)]).dropped
    assert list(find_equivalent([Measure("m", 0.01, same)]).dropped) == ["c"]


def test_of_two_that_differ_none_stays():
    found = find_equivalent([Measure("m", 0.01, {"a": [0.5, 0.5], "b": [0.6, 0.6]})])
    assert set(found.dropped) == {"a", "b"}


def test_the_interval_agrees_with_the_tests():
    for seed in range(30):
        row = compare(
            Measure("m", 0.01, runs(alike(4), count=4, seed=seed)), "v0", ["v1", "v2", "v3"]
        )
        within = row.low > -0.01 and row.high < 0.01
        assert row.equivalent == within


def test_a_wrong_variant_passes_one_time_in_twenty_at_most():
    passed = 0
    for seed in range(400):
        measure = Measure("m", 0.02, runs(alike(4) | {"v0": 0.93}, count=5, seed=seed))
        passed += compare(measure, "v0", ["v1", "v2", "v3"]).equivalent
    assert passed <= 31  # 20 expected at the margin itself; more than 31 once in a hundred


def test_the_plot_names_every_variant_and_is_the_same_each_time():
    found = find_equivalent([Measure("accuracy", 0.03, runs(alike() | {"v5": 0.6}))])
    first = draw_equivalence(found, "a01")
    assert draw_equivalence(found, "a01") == first
    words = "".join(ET.fromstring(first).itertext())
    assert all(name in words for name in alike())
