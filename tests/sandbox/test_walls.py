"""Walls, what they protect, and the filter of system calls."""

import os
import struct

import pytest

from autograder.errors import UsageError
from autograder.kernel.walls import landlock, seccomp
from autograder.sandbox import uids
from autograder.sandbox.walls import (
    ADVICE,
    DEFAULT_MINIMUM,
    NAMES,
    PROTECTIONS,
    list_missing,
    list_unprotected,
    parse_minimum,
)


def test_every_wall_protects_something_or_helps_one_that_does():
    used = {wall for item in PROTECTIONS for wall in item.walls}
    assert used <= set(NAMES)
    assert all(ADVICE.values())


def test_one_wall_is_enough_for_a_protection():
    assert [item.name for item in list_unprotected(("landlock", "seccomp"))] == [
        "privileges",
        "resources",
    ]
    assert list_unprotected(NAMES) == []
    assert len(list_unprotected(())) == len(PROTECTIONS)


def test_a_minimum_names_walls_and_protections():
    minimum = parse_minimum("files, pid,cgroup ,")
    assert minimum == ("files", "pid", "cgroup")
    assert list_missing(minimum, ("landlock", "cgroup")) == ["pid"]
    assert list_missing(DEFAULT_MINIMUM, NAMES) == []
    assert parse_minimum("") == ()


def test_all_unknown_walls_are_named_at_once():
    with pytest.raises(UsageError, match=r"moat, drawbridge; there are uid, user"):
        parse_minimum("files,moat,drawbridge")


def _run_filter(
    program: bytes, number: int, *arguments: int, architecture: int = 0xC000003E
) -> int:
    """What the machine would answer to a call: a small interpreter of the filter's instructions."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    steps = list(struct.iter_unpack("HBBI", program))
    place = loaded = 0
    while True:
        code, if_true, if_false, value = steps[place]
        place += 1
        if code == 0x06:
            return value
        if code == 0x20:
            (loaded,) = struct.unpack_from("=I", data, value)
            continue
        met = {0x15: loaded == value, 0x25: loaded > value, 0x45: bool(loaded & value)}[code]
        place += if_true if met else if_false


ALLOWED, REFUSED, ABSENT = 0x7FFF0000, 0x00050001, 0x00050026


@pytest.fixture(params=[True, False], ids=["network", "no network"])
def network(request, monkeypatch):
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "x86_64")
    return request.param


def test_ordinary_calls_pass_the_filter(network):
    program = seccomp.make_program(network=network, messages=True)
    for number in (0, 1, 9, 56, 59, 202, 257, 318, 334, 439):
        assert _run_filter(program, number) == ALLOWED
    assert _run_filter(program, 41, 1) == ALLOWED
    assert (_run_filter(program, 41, 2) == ALLOWED) is network
    assert (_run_filter(program, 41, 16, 3, 0) == ALLOWED) is network
    assert _run_filter(program, 41, 16, 3, 9) == 0x0005000D


def test_calls_that_reach_for_the_machine_do_not(network):
    program = seccomp.make_program(network=network, messages=False)
    for number in (206, 209, 165, 101, 272, 308, 321, 250, 175, 246, 169, 298, 310, 29):
        assert _run_filter(program, number) == REFUSED
    for number in (425, 426, 427, 435, 463, 5_000, 0x40000000 | 101):
        assert _run_filter(program, number) == ABSENT
    assert _run_filter(program, 56, 0x10000000) == REFUSED
    assert _run_filter(program, 56, 0x01200011) == ALLOWED
    assert _run_filter(program, 16, 0, 0x5412) == REFUSED
    assert _run_filter(program, 16, 0, 0x5413) == ALLOWED
    assert _run_filter(program, 41, 40) == 0x0005000D
    assert _run_filter(program, 1, architecture=0x40000003) == ABSENT


def test_a_kernel_that_kills_itself_ends_in_a_way_that_can_be_told(network):
    program = seccomp.make_program(network=network, messages=True)
    own, ended, less = os.getpid(), 0x80000000, 0xFFFFFFFF
    for target in (own, 0, less, less - 40):
        assert _run_filter(program, 62, target, 9) == ended
        assert _run_filter(program, 129, target, 9, 0) == ended
        assert _run_filter(program, 62, target, 15) == ALLOWED
    assert _run_filter(program, 62, own + 1, 9) == ALLOWED  # a child that it started
    assert _run_filter(program, 234, own, own + 3, 9) == ended
    assert _run_filter(program, 234, own + 1, own + 1, 9) == ALLOWED
    assert _run_filter(program, 200, own + 3, 9) == ended
    assert _run_filter(program, 424, 5, 9) == REFUSED
    assert _run_filter(program, 424, 5, 15) == ALLOWED


def test_landlock_says_its_version():
    assert landlock.find_version() >= 0


def test_a_kernels_user_id_is_nobody_elses(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(uids, "_list_used", lambda: {0, 1000})
    monkeypatch.setattr(uids, "_read_map", lambda: ["0 0 4294967295"])
    assert 0x70000000 <= uids.choose_uid() < 0x7FFF0000
    monkeypatch.setattr(uids, "_read_map", lambda: ["0 100000 65536"])
    assert 30_000 < uids.choose_uid() < 65_534
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert uids.choose_uid() is None
