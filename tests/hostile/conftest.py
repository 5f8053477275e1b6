"""One scene per process, for all groups of attacks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.hostile.attack import Attack
from tests.hostile.scene import Scene


@pytest.fixture(scope="session")
def scene() -> Iterator[Scene]:
    """Where attacks take place."""
    with (
        tempfile.TemporaryDirectory(prefix="hm-") as folder,
        closing(Scene("fork", Path(folder))) as opened,
    ):
        yield opened


def check(scene: Scene, attack: Attack) -> None:
    """Assert that `attack` comes to nothing."""
    trial = scene.try_attack(attack, honest_after=attack.group == "exhaust")
    assert trial.harms == [], trial.met
