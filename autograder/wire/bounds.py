"""What both directions of the wire agree on: which kinds of plain values there are, and how large.

Left out: their forms (`encoder` writes them, `decoder` reads them).
"""

from __future__ import annotations

import builtins
import re
from typing import Any

import numpy as np

MAX_DEPTH = 40
MAX_NODES = 500_000
MAX_TEXT = 5_000_000
MAX_INT_BITS = 65_536
MAX_ARRAY_BYTES = 192 * 2**20  # fits into a frame with what else it holds
KIND = "$"  # the key that tells a form from a plain JSON value
ARRAY_KINDS = frozenset("biufcSUmM")
DTYPE_NAME = re.compile(r"[<>|=][biufcSUmM]\d{1,9}(\[\d{0,9}[a-zA-Zμ]{1,2}\])?")
PLAIN_TYPES: dict[str, type] = {
    name: getattr(builtins, name)
    for name in ("bool", "int", "float", "complex", "str", "bytes", "list", "tuple", "dict", "set")
}
NUMPY_TYPES: dict[str, type] = {
    kind.__name__: kind for kind in np.sctypeDict.values() if kind is not np.object_
}

Json = Any
PlainValue = Any  # whatever the protocol has a form for
Table = Any  # of pandas, which is imported only where a table exists
