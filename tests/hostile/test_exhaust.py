"""Exhausting: what eats time, memory or disk costs its own question only (docs/trust.md)."""

from __future__ import annotations

import pytest

from tests.hostile.attack import list_attacks
from tests.hostile.conftest import check


@pytest.mark.slow
@pytest.mark.parametrize("attack", list_attacks(["exhaust"]), ids=str)
def test_a_hog_is_stopped_and_leaves_nothing_behind(attack, scene):
    check(scene, attack)
