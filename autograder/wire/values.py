"""Plain values across the wall: scalars, containers, arrays, tables.

Both sides use these two; each adds what only it knows (references, models) through the
`encode_other` and `decode_other` functions it passes in. Left out: Keras models (`keras_model`),
and anything whose form is code.
"""

from autograder.wire.bounds import KIND
from autograder.wire.decoder import Decoder
from autograder.wire.encoder import Encoder

__all__ = ["KIND", "Decoder", "Encoder"]
