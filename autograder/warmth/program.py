"""What an ancestor is told and answers: the program that a fork of it is to become.

Nothing in an order is a secret: whatever else a fork needs goes over its own line, past the
ancestor.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass

PROCESS_ID = struct.Struct("<q")  # of a fork, or minus an error: answers an order
MAX_ORDER_BYTES = 2**16
REHEARSE = "rehearse"  # told to an ancestor that is to go through the first use of Keras
LINE = 3  # the descriptor of a fork's line, after the standard streams


@dataclass(frozen=True)
class Program:
    """A program that begins where the ancestor is, with its modules loaded.

    Attributes:
        name: of the process, as `ps` and `top` show it; at most 15 characters.
        module: whose `main(line, arguments)` is called; the process ends when it returns.
        arguments: what it is called with.
    """

    name: str
    module: str
    arguments: tuple[str, ...] = ()


def pack_program(program: Program) -> bytes:
    """One order as bytes."""
    return json.dumps(asdict(program)).encode()


def unpack_program(content: bytes) -> Program:
    """The order that `pack_program` made."""
    known = json.loads(content)
    return Program(known["name"], known["module"], tuple(known["arguments"]))
