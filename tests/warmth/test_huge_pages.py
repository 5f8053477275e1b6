"""Memory is gathered in huge pages where the machine can, and is what it was."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.warmth import huge_pages

MAPS = """\
5581f0000000-5581f0001000 r-xp 00000000 08:01 42                         /usr/bin/python3
5581f0100000-5581f0900000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000200000 rw-p 00000000 00:00 0
7f0000300000-7f0000400000 rw-p 00000000 00:00 0
7f0001000000-7f0002000000 rw-p 00000000 08:01 43                         /usr/lib/a b.so
7f0003000000-7f0004000000 r--p 00000000 00:00 0
7ffc00000000-7ffc00400000 rw-p 00000000 00:00 0                          [stack]
"""
PROGRAM = """
import zlib
from pathlib import Path
from autograder.warmth import huge_pages
held = [bytes([number % 256]) * 2**16 for number in range(1024)]
before = [zlib.crc32(part) for part in held]
huge_pages.gather()
assert [zlib.crc32(part) for part in held] == before
print(Path("/proc/self/smaps_rollup").read_text().partition("AnonHugePages:")[2].split()[0])
"""


def test_whole_huge_pages_of_writable_memory_that_is_no_files_are_meant():
    found = list(huge_pages._list_heaps(MAPS))
    assert found == [(0x5581F0200000, 0x5581F0800000), (0x7F0000000000, 0x7F0000200000)]


@pytest.mark.skipif(sys.platform != "linux", reason="huge pages are Linux'")
def test_memory_is_gathered_and_keeps_what_it_holds():
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert run.returncode == 0, run.stderr
    release = Path("/proc/sys/kernel/osrelease").read_text().split("-")[0].split(".")
    switch = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    if (
        tuple(map(int, release[:2])) >= (6, 1)
        and switch.exists()
        and "[never]" not in switch.read_text()
    ):
        assert int(run.stdout) > 2**15  # KiB, of 64 MiB
