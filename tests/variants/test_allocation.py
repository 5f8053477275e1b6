"""Who gets which variant: the same everywhere, and nobody else's business."""

import stat
import unicodedata
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.variants.allocation import allocate, choose, find_secret
from tests.other_process import print_elsewhere

NAMES = [f"{number:012x}" for number in range(8)]
SECRET = b"0123456789abcdef0123456789abcdef"
CLASS = [f"2026{number:04}" for number in range(400)]


def test_it_is_the_same_in_another_process_with_another_hash_seed():
    code = (
        "from autograder.variants.allocation import choose;"
        f"print([choose(s, {NAMES}, {SECRET}) for s in ('김서연', '20260001')])"
    )
    wanted = str([choose(student, NAMES, SECRET) for student in ("김서연", "20260001")])
    for seed in ("1", "999"):
        assert print_elsewhere(code, seed) == wanted
    assert choose("김서연", NAMES, SECRET) == "000000000004"  # on any machine


def test_ids_are_compared_in_their_composed_form():
    for student in ("김서연", " 김서연 "):
        split = unicodedata.normalize("NFD", student)
        assert choose(split, NAMES, SECRET) == choose("김서연", NAMES, SECRET)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=12, unique=True), st.randoms()
)
def test_nobody_changes_when_others_come_or_the_order_does(students, random):
    alone = {one: allocate([one], NAMES, SECRET, {}).variants for one in students}
    shuffled = list(students)
    random.shuffle(shuffled)
    together = allocate(shuffled, random.sample(NAMES, len(NAMES)), SECRET, {}).variants
    for found in alone.values():
        assert found.items() <= together.items()


def test_variants_are_given_about_equally_often_and_by_the_secret():
    counts = Counter(choose(student, NAMES, SECRET) for student in CLASS)
    assert set(counts) == set(NAMES)
    assert max(counts.values()) < 80  # 50 each; so far off once in 20,000 secrets
    other = [choose(student, NAMES, b"x" * 32) for student in CLASS]
    same = sum(a == choose(s, NAMES, SECRET) for a, s in zip(other, CLASS, strict=True))
    assert same < 90


def test_only_students_of_a_dropped_variant_move():
    before = allocate(CLASS, NAMES, SECRET, {}).variants
    after = allocate(CLASS, NAMES[1:], SECRET, before, gone=NAMES[:1])
    assert set(after.moved) == {student for student in CLASS if before[student] == NAMES[0]}
    assert after.new == ()
    assert dict(after.variants) == dict(allocate(CLASS, NAMES[1:], SECRET, {}).variants)


def test_a_larger_pool_moves_nobody_who_has_a_variant():
    before = allocate(CLASS, NAMES[:4], SECRET, {}).variants
    after = allocate([*CLASS, "new"], NAMES, SECRET, before)
    assert not after.moved
    assert after.new == ("new",)


def test_a_secret_is_made_once_for_staff_only(tmp_path):
    folder = tmp_path / "build"
    first = find_secret(folder)
    assert find_secret(folder) == first
    assert len(first) == 64
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret"]
    assert find_secret(tmp_path / "other") != first


def test_a_secret_that_others_can_read_or_guess_is_refused(tmp_path):
    path = tmp_path / "mine"
    path.write_bytes(b"long enough to be one")
    path.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        find_secret(tmp_path, path)
    path.chmod(0o600)
    assert find_secret(tmp_path, path) == b"long enough to be one"
    path.write_bytes(b"short")
    with pytest.raises(UsageError, match="too short"):
        find_secret(tmp_path, path)
    with pytest.raises(UsageError, match="No such file"):
        find_secret(tmp_path, tmp_path / "none")
