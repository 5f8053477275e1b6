"""Uploads: files, names and texts from strangers stay data (docs/trust.md)."""

from __future__ import annotations

import pytest

from tests.hostile.attack import list_attacks
from tests.hostile.conftest import check


@pytest.mark.parametrize("attack", list_attacks(["upload"]), ids=str)
def test_an_upload_stays_data(attack, scene):
    check(scene, attack)
