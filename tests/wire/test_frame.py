"""Frames: one block of bytes that is read back exactly, or refused."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import WireError
from autograder.wire import frame as frames
from autograder.wire.frame import Frame, clean_head, pack_frame, unpack_frame

heads = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans()),
)


@given(heads, st.lists(st.binary(max_size=50), max_size=5))
def test_a_frame_is_read_back_as_it_was(head, buffers):
    frame = Frame(head, tuple(buffers))
    assert unpack_frame(pack_frame(frame)) == frame


def test_buffer_bytes_counts_all_buffers():
    assert Frame({}, (b"ab", b"", b"c")).buffer_bytes == 3


PACKED = pack_frame(Frame({"이름": 1}, (b"abc",)))


@pytest.mark.parametrize("size", range(len(PACKED)))
def test_a_truncated_frame_is_refused(size):
    with pytest.raises(WireError):
        unpack_frame(PACKED[:size])


def test_bytes_after_the_last_part_are_refused():
    with pytest.raises(WireError, match="do not add up"):
        unpack_frame(PACKED + b"x")


@pytest.mark.parametrize(
    "content",
    [
        struct.pack("<I", 0),
        struct.pack("<I", 2**32 - 1),
        struct.pack("<IQ", 1, 2**64 - 1) + b"{}",
        struct.pack("<IQQ", 2, 2**64 - 1, 3) + b"{}",
        struct.pack("<IQ", 1, 2) + b"[]",
        struct.pack("<IQ", 1, 2) + b"xx",
        struct.pack("<IQ", 1, 4) + b'"\xff"\n',
        struct.pack("<IQ", 1, 200_000) + b"[" * 200_000,
    ],
    ids=range(8),
)
def test_forged_sizes_and_heads_are_refused(content):
    with pytest.raises(WireError):
        unpack_frame(content)


def test_a_frame_over_the_bound_is_refused(monkeypatch):
    monkeypatch.setattr(frames, "MAX_FRAME_BYTES", 10)
    with pytest.raises(WireError, match="is over 10"):
        unpack_frame(PACKED)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_frame_or_refused(content):
    try:
        unpack_frame(content)
    except WireError:
        return


@pytest.mark.parametrize(
    "head", [{"x": float("nan")}, {"x": float("inf")}, {"x": {1}}, {"x": 1j}], ids=repr
)
def test_a_head_that_is_no_json_is_refused(head):
    with pytest.raises(WireError, match="not a head"):
        pack_frame(Frame(head))


def test_a_head_over_the_bound_is_refused(monkeypatch):
    monkeypatch.setattr(frames, "MAX_HEAD_BYTES", 10)
    with pytest.raises(WireError, match="is over 10"):
        clean_head({"x": "long enough"})


def test_a_head_nested_without_end_is_refused():
    head = {}
    head["x"] = head
    with pytest.raises(WireError, match="not a head"):
        clean_head(head)


def test_half_a_surrogate_pair_in_a_head_is_replaced():
    assert clean_head({"text": "a\ud800"}) == {"text": "a?"}
