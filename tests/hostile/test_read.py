"""Reading: no attack sees a test, another submission, or anything else of the grader's (docs/trust.md)."""

from __future__ import annotations

import pytest

from tests.hostile.attack import GROUPS, list_attacks
from tests.hostile.conftest import check


@pytest.mark.parametrize("attack", list_attacks(["read"]), ids=str)
def test_a_reader_sees_nothing(attack, scene):
    check(scene, attack)


@pytest.mark.parametrize("group", GROUPS)
def test_every_attack_says_what_it_tries(group):
    attacks = list_attacks([group])
    assert attacks
    assert all(attack.title.strip().endswith(".") for attack in attacks)
    assert all(attack.cells or attack.make for attack in attacks)


def test_there_are_as_many_attacks_as_promised():
    assert len(list_attacks()) >= 75
