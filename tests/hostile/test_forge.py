"""Forging: no attack scores more than the honest wrong answer (docs/trust.md)."""

from __future__ import annotations

import pytest

from tests.hostile.attack import list_attacks
from tests.hostile.bundles import HONEST_Q1
from tests.hostile.conftest import check


@pytest.mark.parametrize("attack", list_attacks(["forge"]), ids=str)
def test_a_forgery_scores_no_more_than_the_honest_wrong_answer(attack, scene):
    check(scene, attack)


def test_the_honest_wrong_answer_earns_nothing(scene):
    assert scene.grade([HONEST_Q1], "q1", "wrong").result.score == 0
