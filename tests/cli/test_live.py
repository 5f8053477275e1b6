"""The live display: any number of workers, any terminal, any name; the time left never runs back."""

from __future__ import annotations

import io
import time

import pytest
from rich.cells import cell_len
from rich.console import Console

from autograder.cli import live
from autograder.cli.live import Board
from autograder.executor.event import Event
from autograder.schema import Submission
from autograder.sites import GradeJob
from tests.store.making import make_failure, make_result


def draw(board, width=80):
    screen = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    screen.print(board)
    return screen.file.getvalue().splitlines()


def job(name):
    return GradeJob(Submission(name=name, student=name, notebook=None))


def begin(board, worker, name):
    board.watch(Event("started", worker, job(name)))


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("workers", [0, 1, 300])
def test_any_number_of_workers_fits_any_terminal(workers, width):
    board = Board("a01_digits")
    board.begin(500)
    for number in range(workers):
        begin(board, f"tcp://10.0.0.{number}:40000", f"김서연이준호최지우박하늘정다은_{number}")
    board.observe(make_result("김서연이준호최지우박하늘", wall_seconds=12.0))
    lines = draw(board, width)
    assert len(lines) <= 25
    assert all(cell_len(line) <= width for line in lines)
    assert (f"and {workers - 12} more" in " ".join(lines)) is (workers > 12)


def test_names_are_no_markup():
    board = Board("a[b]c")
    begin(board, "1", "[red]kim[/]")
    board.watch(Event("waiting", note="the [cluster] is away"))
    board.observe(make_result("[bold]lee[/]", wall_seconds=3.0))
    text = "\n".join(draw(board))
    for words in ("a[b]c", "[red]kim[/]", "[bold]lee[/]", "the [cluster] is away"):
        assert words in text


def test_the_pace_is_that_of_what_was_worked_on(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])
    board = Board("a")
    board.begin(300)
    now[0] += 50  # reading uploads
    for number in range(200):
        board.observe(make_result(f"known{number}", wall_seconds=99.0))
    assert board.seconds_left() is None, "nothing was worked on yet"
    assert board.slowest == [], "nor is what was graded long ago slow"
    begin(board, "1", "kim")
    now[0] += 10
    board.watch(Event("finished", "1", job("kim")))
    board.observe(make_result("kim", wall_seconds=10.0))
    assert board.seconds_left() == pytest.approx(10 * 99)
    assert board.write_counts() == "201/300 · 16:30 left"


def test_the_time_left_is_never_negative():
    board = Board("a")
    board.begin(1)
    begin(board, "1", "kim")
    for name in ("kim", "lee"):
        board.observe(make_result(name))
    assert board.seconds_left() == 0
    assert "left" not in board.write_counts()


def test_failures_of_ours_are_counted_and_workers_leave():
    board = Board("a")
    board.begin(3)
    begin(board, "1", "kim")
    begin(board, "2", "lee")
    board.watch(Event("failed", "1", job("kim")))
    board.observe(make_failure("kim"))
    board.finish_item()
    assert list(board.busy) == ["2"]
    assert board.write_counts().startswith("2/3 · 1 without a score (ours)")


def test_a_note_stays_until_work_goes_on():
    board = Board("a")
    board.watch(Event("waiting", note="no worker is there"))
    assert "no worker is there" in "\n".join(draw(board))
    begin(board, "1", "kim")
    assert "no worker is there" not in "\n".join(draw(board))


def test_elsewhere_than_on_a_terminal_lines_are_written(log):
    with live.show_board("a") as board:
        board.begin(2)
        time.sleep(0.2)
        board.observe(make_result())
    lines = log.getvalue().splitlines()
    assert lines[0] == "a: 0/2"
    assert lines[-1] == "a: 1/2"
