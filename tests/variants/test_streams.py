"""Streams by name: one more draw in one leaves the others as they are."""

import numpy as np

from autograder.variants.streams import make_stream
from tests.other_process import print_elsewhere


def test_a_stream_depends_on_its_name_only():
    first = make_stream(1, "q2").normal(size=4)
    make_stream(1, "q1").normal(size=100)
    assert np.array_equal(make_stream(1, "q2").normal(size=4), first)


def test_streams_of_other_names_and_seeds_differ():
    drawn = [
        make_stream(seed, *names).integers(2**60)
        for seed, *names in [(1, "q1"), (1, "q2"), (2, "q1"), (1, "q1", "x"), (1, "q", "1x"), (1,)]
    ]
    assert len(set(drawn)) == len(drawn)


def test_a_stream_is_the_same_in_another_process_and_with_another_hash_seed():
    line = "from autograder.variants.streams import make_stream as m; print(m(7, '문제').integers(9**9))"
    wanted = str(make_stream(7, "문제").integers(9**9))
    for seed in ("0", "77"):
        assert print_elsewhere(line, seed) == wanted


def test_one_more_number_in_q1_leaves_the_data_of_q2_unchanged(desk):
    pool = desk.build(2)
    hidden = [(pool.folder / item.name / "bundle/hidden/hidden.npz") for item in pool.pool.variants]
    train = pool.folder / pool.pool.variants[0].name / "student/data/train.npz"
    before, first = [path.read_bytes() for path in hidden], train.read_bytes()
    text = (desk.source / "data.py").read_text("utf-8")
    desk.write("data.py", text.replace("    x = first", "    first.normal()\n    x = first"))
    again = desk.build(2)
    assert [item.name for item in again.pool.variants] == [i.name for i in pool.pool.variants]
    assert [path.read_bytes() for path in hidden] == before
    assert train.read_bytes() != first
