"""Random streams by name, for `data.py` and for drawing variants: one more draw changes one stream.

    generator = make_stream(seed, "q1")

The streams of one seed are independent, and each depends on its own name only: neither on the
order in which streams are made, nor on how many numbers are drawn from another.
"""

from __future__ import annotations

import hashlib

import numpy as np

_WORDS = 4  # of 32 bits: two names meet with probability 2 to the power of -128


def make_stream(seed: int, *names: str) -> np.random.Generator:
    """Generator of the stream `names` of `seed`, at its beginning.

    Its seed sequence is a child as `numpy.random.SeedSequence.spawn` makes them, with words of a
    hash of the names in place of the child's number.

    Args:
        seed: any non-negative integer, such as that of `make_data`.
        names: of the question or group; several make a stream within a stream.
    """
    text = "".join(f"{len(name.encode())}:{name}" for name in names)
    digest = hashlib.sha256(text.encode()).digest()
    key = np.frombuffer(digest[: 4 * _WORDS], dtype="<u4")
    children = tuple(int(word) for word in key)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=children))
