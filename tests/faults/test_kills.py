"""Whatever is killed, nobody loses a result or a point: a short run of `python -m tests.faults`."""

import sys

import pytest

from tests.faults.__main__ import run_campaign
from tests.faults.killer import WEIGHTS

KILLS = 20
SLOW = (
    "zygote",
    "scorers",
    "ancestor",
    "grader",
    "worker",
)  # a warm process takes seconds to come back


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the fork sandbox needs Linux")
@pytest.mark.timeout(400)
def test_kills_cost_nobody_anything(monkeypatch):
    for kind in SLOW:
        monkeypatch.setitem(WEIGHTS, kind, WEIGHTS[kind] // 3)
    assert run_campaign(KILLS, seed=5, names=("sqlite",)) == []
