"""How fast this machine trains, relative to the reference machine: what makes seconds comparable.

A short fixed training runs in a kernel like the students'. It is measured only once a verdict may
depend on it (`meter`): most classes never come near their limits and pay nothing. Where they do, it
is measured again and again, for a shared machine's speed changes within a minute.

Its steps are as small as those of a course's networks, so that most of it is Python and hand-over
between threads, as in theirs: beside four busy loops such trainings take a third more CPU seconds,
and so does this one, while a convolutional network of a few large steps takes a fifth more.
"""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

from autograder.errors import SandboxError
from autograder.sandbox.base import Kernel, KernelDiedError, KernelRequest, Sandbox
from autograder.schema.assessment import Limits

REFERENCE_CPU_SECONDS = 0.20
"""What one `WORK` takes on the reference machine: one core of an AMD EPYC virtual machine (2026),
Python 3.11, TensorFlow 2.21, Keras 3.15, one thread, oneDNN off."""

SETUP = """
import keras, numpy
numbers = numpy.random.default_rng(0)
x = numbers.normal(size=(1600, 64)).astype("float32")
y = numbers.integers(0, 10, 1600)
model = keras.Sequential([
    keras.Input((64,)),
    keras.layers.Dense(64, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=32, epochs=1, verbose=0)
"""
WORK = "model.fit(x, y, batch_size=32, epochs=2, verbose=0);"
_REPEATS = 3
_USES = 2  # gradings that one measurement serves
_FRESH_SECONDS = 60.0
_REMEMBERED = 3
_KERNELS = 3  # that may be ended from outside
_PRELOAD = ("keras",)


class Workload:
    """The fixed training, ready in a kernel of its own from the first measurement on."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._thread = ThreadPoolExecutor(1, "speed")  # the kernel's sockets stay in one thread
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._kernel: Kernel | None = None

    def measure(self) -> float:
        """CPU seconds of one `WORK`, measured from outside (median of three).

        A kernel that something ended since the last time is replaced.

        Raises:
            SandboxError: if no kernel can be had, the training fails in it, or it is ended again.
        """
        for _ in range(_KERNELS):
            with suppress(KernelDiedError):
                return self._thread.submit(self._runner.run, self._measure()).result()
        step = "see whether the machine is short of memory, or somebody ends its processes"
        raise SandboxError(f"the kernel that measures the machine's speed was ended; {step}")

    async def _measure(self) -> float:
        try:
            if self._kernel is None:
                self._kernel = await self._open()
            kernel = self._kernel
            return statistics.median([await _run(kernel, WORK) for _ in range(_REPEATS)])
        except BaseException:
            await self._drop()  # whatever it was, the next one begins with another kernel
            raise

    async def _open(self) -> Kernel:
        request = KernelRequest({}, Limits(), preload=_PRELOAD)
        kernel = await self._stack.enter_async_context(self._sandbox.open_kernel(request))
        await _run(kernel, SETUP)
        return kernel

    async def _drop(self) -> None:
        self._kernel = None
        await self._stack.aclose()

    def close(self) -> None:
        """End the kernel."""
        self._thread.submit(self._end).result()
        self._thread.shutdown()

    def _end(self) -> None:
        self._runner.run(self._drop())
        self._runner.close()


async def _run(kernel: Kernel, source: str) -> float:
    before = kernel.usage().cpu_seconds
    run = await kernel.run_cell(source)
    if run.error is not None:
        raise SandboxError(f"the machine's speed cannot be measured: {run.error.text[:500]}")
    return kernel.usage().cpu_seconds - before


class Speedometer:
    """Knows the speed of one worker; shared by all its gradings, which run in threads.

    Whoever makes one closes it.

    Args:
        sandbox: starts the kernel to measure in.
        reference_cpu_seconds: what the workload takes where the speed is 1.
    """

    def __init__(
        self, sandbox: Sandbox, reference_cpu_seconds: float = REFERENCE_CPU_SECONDS
    ) -> None:
        self._workload = Workload(sandbox)
        self._reference = reference_cpu_seconds
        self._lock = threading.Lock()
        self._measured: deque[float] = deque(maxlen=_REMEMBERED)
        self._uses = 0
        self._at = 0.0

    def read_speed(self) -> float:
        """Reference seconds per CPU second here: 0.5 on a machine half as fast.

        Measures where the last measurement is old.

        Raises:
            SandboxError: if that fails.
        """
        with self._lock:
            is_old = self._uses >= _USES or time.monotonic() - self._at > _FRESH_SECONDS
            if not self._measured or is_old:
                self._measured.append(self._workload.measure())
                self._uses, self._at = 0, time.monotonic()
            self._uses += 1
            return self._reference / statistics.median(self._measured)

    def close(self) -> None:
        """End the kernel that it measures in, after a measurement under way."""
        with self._lock:
            self._workload.close()


@dataclass(frozen=True)
class Timing:
    """How a grading turns CPU seconds into reference seconds.

    Attributes:
        speedometer: of the worker; None where CPU seconds count as they are.
        always: whether the speed is wanted however little was used, as for calibration.
    """

    speedometer: Speedometer | None = None
    always: bool = False


NO_TIMING = Timing()


class Pace:
    """The worker's speed in one grading: the same for all its questions, found once it matters.

    Args:
        speedometer: finds it; None where CPU seconds count as they are.
        measured: the speed, where it is known.
    """

    def __init__(
        self, speedometer: Speedometer | None = None, measured: float | None = None
    ) -> None:
        self.measured = measured
        self._speedometer = speedometer
        self._task: asyncio.Task[float] | None = None

    @property
    def speed(self) -> float:
        """Reference seconds per CPU second; 1 while it is not known."""
        return 1.0 if self.measured is None else self.measured

    def begin(self) -> None:
        """Start to find the speed, beside what runs; once is enough."""
        if self._speedometer is not None and self.measured is None and self._task is None:
            self._task = asyncio.create_task(asyncio.to_thread(self._speedometer.read_speed))

    async def look(self) -> bool:
        """Whether the speed is known, or nobody is finding it; does not wait.

        Raises:
            SandboxError: if it could not be found.
        """
        if self._task is None or self.measured is not None:
            return True
        if self._task.done():
            await self.settle()
        return self.measured is not None

    async def settle(self) -> None:
        """Wait until the speed is known, where somebody began to find it.

        Raises:
            SandboxError: if it could not be found.
        """
        if self._task is not None and self.measured is None:
            self.measured = await self._task
