"""Outputs are kept within their bound, as a person would see them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.outputs import (
    OutputRoom,
    draw_over,
    is_cut_note,
    join_streams,
    make_cut_note,
    measure_json,
)


def write(room, *texts, name="stdout"):
    outputs = []
    for text in texts:
        room.add_text(outputs, name, text)
    return outputs


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\rb", "b"),
        ("a\r", "a\r"),
        ("a\r\nb", "a\r\nb"),
        ("a\rbb\rc\nd\re", "c\ne"),
        ("a\r\r", "a\r\r"),
        ("\b\b\b\rx", "x"),
    ],
)
def test_what_is_drawn_over_is_gone(text, shown):
    assert draw_over(text) == shown


@given(st.text(alphabet="ab\r\n", max_size=60), st.lists(st.integers(0, 60), max_size=8))
def test_pieces_show_the_same_as_the_whole(text, cuts):
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(edges)]
    shown = join_streams(write(OutputRoom(10**6), *pieces))
    assert "".join(output["text"] for output in shown) == draw_over(text)


def test_many_pieces_are_few_outputs_and_nothing_is_lost():
    outputs = write(OutputRoom(10**6), *(f"{n}\n" for n in range(20_000)))
    assert len(outputs) < 20
    assert join_streams(outputs)[0]["text"] == "".join(f"{n}\n" for n in range(20_000))


def test_a_line_that_is_long_already_is_not_copied_again():
    outputs = write(OutputRoom(10**6), *["x" * 100] * 1_000)
    assert all(len(output["text"]) <= 10_100 for output in outputs)


def test_text_over_the_bound_is_cut_where_the_bound_is():
    room = OutputRoom(1_000)
    (output,) = write(room, "x" * 5_000, "y" * 5_000)
    assert len(output["text"]) == 800
    assert room.was_cut


def test_streams_stay_apart():
    room, outputs = OutputRoom(10_000), []
    for name in ("stdout", "stderr", "stdout"):
        room.add_text(outputs, name, name)
    assert [output["text"] for output in join_streams(outputs)] == ["stdout", "stderr", "stdout"]


def test_room_that_is_cleared_is_free_again():
    room = OutputRoom(2_000)
    output = {"data": "x" * 1_500}
    assert room.take(output)
    assert not room.take(output)
    room.give_back([output])
    assert room.take(output)


def test_one_cell_cannot_fill_the_room_of_the_others():
    room = OutputRoom(8_000)
    for expected in (3_800, 1_800, 800):
        room.open_cell()
        (output,) = write(room, "x" * 20_000)
        assert len(output["text"]) == expected
        assert room.was_cut


def test_what_is_nested_too_deeply_is_not_measured():
    deep = 0
    for _ in range(100):
        deep = [deep]
    with pytest.raises(ValueError, match="too deeply"):
        measure_json(deep)


def test_a_cut_note_is_known_by_its_mark():
    assert is_cut_note(make_cut_note("생략"))
    assert not is_cut_note({"output_type": "stream", "name": "stdout", "text": "생략"})
