"""Counting where people see it: a bar on a terminal, lines in a log."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from autograder.cli import console


def test_a_log_tells_what_is_done_and_how_long_it_takes(log):
    with console.count_progress("a01_digits: variants", 40) as counter:
        for number in range(10):
            counter.advance(f"960daf080904 training [{number}]")
        time.sleep(0.2)
    first, *_, last = log.getvalue().splitlines()
    assert first.startswith("a01_digits: variants 10/40 · 0:0")
    assert first.endswith("left · 960daf080904 training [9]"), (
        "in one line, and names are no markup"
    )
    assert last.startswith("a01_digits: variants 10/40")


def test_what_is_done_has_no_time_left(log):
    with console.count_progress("a", 1) as counter:
        counter.advance("kim")
    assert log.getvalue() == "a 1/1\n"


def test_where_nothing_is_done_no_time_is_guessed(log):
    with console.count_progress("a", 3):
        pass
    assert log.getvalue() == "a 0/3\n"


def test_a_run_that_was_finished_earlier_says_so(log):
    with console.count_progress("a", 0):
        pass
    assert log.getvalue() == "a: nothing is left to do\n"


def test_lines_of_a_long_run_come_less_often(log, monkeypatch):
    monkeypatch.setattr(console, "_LINE_SECONDS", 0.001)
    monkeypatch.setattr(console, "_LINE_SHARE", 1.0)  # each after twice the time of the one before
    with console.count_progress("a", 3):
        time.sleep(0.5)
    assert len(log.getvalue().splitlines()) <= 12


def test_a_terminal_has_a_bar(monkeypatch):
    screen = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    monkeypatch.setattr(console, "notes", screen)
    with console.count_progress("a01_digits", 2) as counter:
        counter.advance("kim")
    assert "1/2" in screen.file.getvalue()
    assert "kim" in screen.file.getvalue()


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0:00"), (59.6, "1:00"), (3_725, "1:02:05")])
def test_times_are_told_as_clocks_tell_them(seconds, text):
    assert console.write_duration(seconds) == text
