"""Escaping: no attack reaches anything outside its kernel (docs/trust.md)."""

from __future__ import annotations

import pytest

from tests.hostile.attack import list_attacks
from tests.hostile.conftest import check


@pytest.mark.parametrize("attack", list_attacks(["escape"]), ids=str)
def test_an_escape_reaches_nothing(attack, scene):
    check(scene, attack)
