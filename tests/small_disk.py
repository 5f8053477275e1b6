"""A small disk in memory, for tests that fill it. Only root can mount one."""

import os
import subprocess

import pytest


def mount_small_disk(place, size):
    """Mount a disk of `size`, such as `1m`, at `place`, which is made; whoever asks unmounts it."""
    if os.getuid() != 0:
        pytest.skip("only root can mount a disk")
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"a disk cannot be mounted here: {mounted.stderr.decode()}")
