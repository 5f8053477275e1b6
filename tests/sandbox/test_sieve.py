"""Messages pass whole or not at all, in whatever pieces their bytes arrive."""

import os
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.allowance import NOTICE, OUTPUT, REPLY, Allowance, Share
from autograder.sandbox.sieve import Room, SeveredError, Sieve

GREETING = bytes([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 1]) + b"NULL" + bytes(48)
READY = b"\x04\x06\x05READY"


def pack(*parts):
    """A message as it stands on the line."""
    frames = []
    for number, part in enumerate(parts, start=1):
        flags = (number < len(parts)) | (2 if len(part) > 255 else 0)
        size = len(part).to_bytes(8 if len(part) > 255 else 1, "big")
        frames.append(bytes([flags]) + size + part)
    return b"".join(frames)


class Rule:
    """Lets messages of up to 1,000 bytes and 5 parts through."""

    def __init__(self, severs=False):
        self.room = Room(1_000, 5, severs)
        self.topics, self.ends = [], []

    def begin(self, topic):
        self.topics.append(topic)
        return self.room

    def end(self, size, *, dropped):
        self.ends.append((size, dropped))


SMALL = [pack(b"a", b""), pack(b""), pack(b"b" * 300, b"c"), pack(*[b"d"] * 5)]
LARGE = [
    pack(b"a", b"b" * 1_000),
    pack(*[b"d"] * 6),
    pack(b"e" * 2_000),
    pack(b"a", b"b" * 600, b"c" * 600, b""),
]
LINE = GREETING + READY + b"".join(small + large for small, large in zip(SMALL, LARGE, strict=True))
PASSED = GREETING + READY + b"".join(SMALL)


def feed(sieve, data, cuts):
    edges = [0, *sorted(cut % len(data) for cut in cuts), len(data)]
    return b"".join(sieve.feed(data[a:b]) for a, b in pairwise(edges))


@given(st.lists(st.integers(min_value=0), max_size=30))
def test_what_passes_does_not_depend_on_the_pieces(cuts):
    rule = Rule()
    assert feed(Sieve(rule), LINE, cuts) == PASSED
    dropped = [dropped for size, dropped in rule.ends if size]
    assert dropped == [False, True, True, False, True, False, True]


def test_byte_by_byte_is_the_same():
    assert feed(Sieve(Rule()), LINE, range(len(LINE))) == PASSED


def test_a_topic_is_told_and_a_long_first_part_is_none():
    rule = Rule()
    feed(Sieve(rule), LINE, [])
    assert rule.topics == [b"a", b"a", b"", b"d", b"", b"", b"d", b"a"]


def test_the_greeting_passes_as_it_comes():
    sieve = Sieve(Rule())
    assert sieve.feed(GREETING[:11]) == GREETING[:11]
    assert sieve.feed(GREETING[11:] + READY[:3]) == GREETING[11:]


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1",
        bytes([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1]),
        GREETING + b"\x08\x01a",
        GREETING + b"\x06" + (2**40).to_bytes(8, "big"),
        GREETING + READY + b"\x04\x05\x04PING",
        GREETING + READY + pack(b"a", b"b")[:3] + READY,
    ],
    ids=["other", "old", "flags", "command", "another command", "a command within a message"],
)
def test_another_protocol_ends_the_line(data):
    with pytest.raises(SeveredError):
        Sieve(Rule()).feed(data)


@pytest.mark.parametrize("pieces", [1, 7, 5_000])
def test_a_large_message_may_end_the_line(pieces):
    sieve, data = Sieve(Rule(severs=True)), GREETING + pack(b"a", b"b" * 5_000)
    with pytest.raises(SeveredError):
        feed(sieve, data, range(0, len(data), len(data) // pieces))


def test_a_large_message_that_passes_is_passed_on_in_pieces():
    rule = Rule(severs=True)
    rule.room = Room(10_000_000, 5, severs=True)
    sieve, data = Sieve(rule), GREETING + pack(b"a", b"b" * 3_000_000)
    first = sieve.feed(data[:2_000_000])
    assert len(first) == 2_000_000
    assert first + sieve.feed(data[2_000_000:]) == data


def test_a_size_that_is_claimed_takes_no_memory():
    sieve = Sieve(Rule())
    claimed = GREETING + b"\x03" + (2**62).to_bytes(8, "big")
    assert sieve.feed(claimed + os.urandom(100)) == GREETING


def test_topics_tell_output_from_values_and_notices():
    rule = Allowance().shows()
    assert rule.begin(b"stream.stdout") == rule.begin(b"") == rule.begin(b"comm-1") == OUTPUT.room
    assert rule.begin(b"kernel.1.status") == rule.begin(b"kernel.1.error") == NOTICE.room


def test_a_value_may_come_only_when_one_is_due():
    allowance = Allowance()
    allowance.value_is_due = True
    assert allowance.shows().begin(b"comm-1") == REPLY.room


def test_output_is_left_out_when_its_share_is_used_up(monkeypatch):
    monkeypatch.setattr("autograder.sandbox.allowance.OUTPUT", Share(2, 10**6, OUTPUT.room))
    allowance = Allowance()
    rule = allowance.shows()
    for dropped in (False, False, True):
        assert (rule.begin(b"stream.stdout").most_bytes == 0) is dropped
        rule.end(100, dropped=dropped)
    assert allowance.dropped_messages == 1
    assert rule.begin(b"kernel.1.status") == NOTICE.room


@pytest.mark.parametrize("name", ["NOTICE", "DROPPED"])
def test_what_cannot_be_left_out_ends_the_line(monkeypatch, name):
    monkeypatch.setattr(f"autograder.sandbox.allowance.{name}", Share(2, 10**6, NOTICE.room))
    rule = Allowance().shows()
    rule.begin(b"kernel.1.status" if name == "NOTICE" else b"stream.stdout")
    rule.end(1, dropped=name == "DROPPED")
    with pytest.raises(SeveredError):
        rule.end(1, dropped=name == "DROPPED")
