"""What tests of several commands share."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder.cli import console, live


@pytest.fixture
def log(monkeypatch):
    """Where notes go that are written to no terminal, one line soon after the other."""
    written = io.StringIO()
    for module in (console, live):
        monkeypatch.setattr(module, "notes", Console(file=written, width=40))
    monkeypatch.setattr(console, "_LINE_SECONDS", 0.02)
    return written
