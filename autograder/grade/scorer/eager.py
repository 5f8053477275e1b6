"""Makes the few operations of a scorer cheap: each runs its kernel by itself.

TensorFlow puts a function around every operation that it runs for the first time, which takes more
than half a millisecond for each kind and shape. That pays where an operation runs often. A scorer
rebuilds a model and lets it predict once: with kernels called by themselves it takes half the CPU
time (0.05 instead of 0.1 s for a small model). The kernels, and so the numbers, are the same.
"""

from __future__ import annotations

from functools import cache


@cache
def call_kernels() -> None:
    """From here on, as said above; nothing where this TensorFlow has no such choice."""
    from tensorflow.python import pywrap_tfe  # noqa: PLC0415 - only where a model is rebuilt
    from tensorflow.python.eager import context  # noqa: PLC0415 - the same

    choose = getattr(pywrap_tfe, "TFE_ContextSetRunEagerOpAsFunction", None)
    if choose is not None:
        own = context.context()
        own.ensure_initialized()
        choose(own._handle, False)  # noqa: SLF001, FBT003 - TensorFlow has no public way, and it takes no name
