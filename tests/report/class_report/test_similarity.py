import random
import time
from collections import Counter

import numpy as np
import pytest
from scipy import stats
from sklearn.feature_extraction.text import TfidfVectorizer

from autograder import notebook
from autograder.report.class_report.similarity import (
    FEWEST_NOTEBOOKS,
    FLOOR,
    Z_LEVEL,
    compare,
    find_similar_pairs,
    judge_by_chance,
)


def find_named(found):
    return {(pair.first, pair.second) for pair in found.pairs}


@pytest.mark.parametrize(("count", "seed"), [(30, 0), (30, 1), (60, 2), (100, 3)])
def test_disguised_copies_are_found_and_honest_solutions_are_not(make_notebooks, count, seed):
    notebooks, released = make_notebooks(count, copies=4, seed=seed)
    found = find_similar_pairs(notebooks, released)
    copies = {(f"copy{i:03d}", f"s{i:03d}") for i in range(4)}
    named = find_named(found)
    assert copies <= named
    assert len(named - copies) <= 1  # of up to 5,000 pairs


def test_a_class_without_copies_has_at_most_one_pair(make_notebooks):
    for seed in range(4):
        found = find_similar_pairs(*make_notebooks(40, copies=0, seed=seed))
        assert found.found <= 1


def test_cosines_are_those_of_scikit_learn():
    numbers = random.Random(0)
    grams = [
        Counter(tuple(numbers.choices("abcd", k=3)) for _ in range(numbers.randrange(5, 60)))
        for _ in range(30)
    ]
    weights = TfidfVectorizer(analyzer=list).fit_transform(grams)
    np.testing.assert_allclose(compare(grams), (weights @ weights.T).toarray(), atol=1e-12)


def test_chance_is_judged_as_scipy_stats_would():
    cosines = np.random.default_rng(0).beta(4, 6, size=2000)
    z, level = judge_by_chance(cosines)
    even = np.arcsin(np.sqrt(cosines))
    spread = stats.median_abs_deviation(even, scale="normal")
    np.testing.assert_allclose(z, (even - np.median(even)) / spread)
    limit = np.median(even) + spread * max(Z_LEVEL, stats.norm.isf(1 / 2000))
    assert level == pytest.approx(max(FLOOR, np.sin(min(limit, np.pi / 2)) ** 2))


def test_three_hundred_notebooks_take_seconds(make_notebooks):
    notebooks, released = make_notebooks(294, copies=6, seed=4)
    started = time.process_time()
    found = find_similar_pairs(notebooks, released)
    assert time.process_time() - started < 10  # 3 on the machine it was written on
    assert found.compared == 300
    assert len(found.cosines) == 300 * 299 // 2


def test_what_was_released_counts_for_nobody(make_notebooks):
    notebooks, _ = make_notebooks(20, copies=0)
    given = notebooks["s000"]
    found = find_similar_pairs({**notebooks, "again": given}, given)
    assert not {"again", "s000"} & {name for pair in find_named(found) for name in pair}
    assert found.left_out == 2


def test_the_order_of_submissions_does_not_matter(make_notebooks):
    notebooks, released = make_notebooks(20, copies=2)
    turned = dict(reversed(notebooks.items()))
    one, other = (find_similar_pairs(some, released) for some in (notebooks, turned))
    assert find_named(one) == find_named(other)
    assert one.level == pytest.approx(other.level)


def test_shared_passages_show_the_same_code_on_both_sides(make_notebooks):
    notebooks, released = make_notebooks(20, copies=1)
    pair = find_similar_pairs(notebooks, released).pairs[0]
    assert (pair.first, pair.second) == ("copy000", "s000")
    passage = pair.passages[0]
    for lines in (passage.first, passage.second):
        assert any(shared for _, shared in lines)
        assert not any(shared for line, shared in lines if line.startswith("#"))
    assert passage.shared >= pair.passages[-1].shared > 0


def test_notebooks_that_cannot_be_read_or_hold_no_code_are_left_out(make_notebooks):
    notebooks, released = make_notebooks(20, copies=1)
    empty = notebook.serialize_notebook(notebook.make_notebook([]))
    strange = {"broken": b"\x00\xff", "empty": empty, "released": released}
    found = find_similar_pairs({**notebooks, **strange}, released)
    assert (found.compared, found.left_out) == (21, 3)


def test_very_few_notebooks_tell_nothing_about_chance(make_notebooks):
    notebooks, released = make_notebooks(FEWEST_NOTEBOOKS - 2, copies=1)
    assert find_similar_pairs(notebooks, released) is None


def test_a_hundred_identical_notebooks_do_not_break_the_comparison(make_notebooks):
    notebooks, released = make_notebooks(1, copies=0)
    found = find_similar_pairs({f"s{i}": notebooks["s000"] for i in range(100)}, released)
    assert found.compared == 100
    assert np.isfinite([pair.z for pair in found.pairs]).all()


def test_a_few_copies_among_many_pairs_do_not_move_the_level():
    random = np.random.default_rng(0)
    honest = np.sin(random.normal(0.35, 0.06, 3000)) ** 2
    level = judge_by_chance(honest)[1]
    assert judge_by_chance(np.append(honest, [0.95] * 20))[1] == pytest.approx(level, abs=0.01)
    z = judge_by_chance(honest)[0]
    assert np.median(z) == pytest.approx(0, abs=1e-9)
    assert z.std() == pytest.approx(1, abs=0.05)
