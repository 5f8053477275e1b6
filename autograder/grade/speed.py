"""How fast this machine trains, relative to the reference machine: what makes seconds comparable.

A short fixed training runs in a kernel like the students'. It is measured only once a verdict may
depend on it (`meter`): most classes never come near their limits and pay nothing. Where they do, it
is measured every second beside the student's training, for a shared machine's speed changes that
fast: there, CPU seconds of 48 equal trainings differed by 12 % (SD), reference seconds by 6 %, and
by 8 % with what was measured in the 20 s before, too.

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
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import NamedTuple

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
_SAMPLE_SECONDS = 1.0  # from one measurement to the next
_LEAST_SAMPLES = 3
_BEFORE_SECONDS = 5.0  # what was measured so long before some work still tells of it
_REMEMBERED = 3600  # samples: of an hour
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
        """CPU seconds of one `WORK`, measured from outside.

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
            return await _run(self._kernel, WORK)
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


class Sample(NamedTuple):
    """CPU seconds of one `WORK` that ended at `at`, of `time.monotonic`."""

    at: float
    cpu_seconds: float


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
        self._samples: deque[Sample] = deque(maxlen=_REMEMBERED)

    def take_sample(self) -> None:
        """Measure now, unless another grading did a moment ago.

        Raises:
            SandboxError: if it fails.
        """
        with self._lock:
            if not self._samples or time.monotonic() - self._samples[-1].at > _SAMPLE_SECONDS / 2:
                self._measure()

    def read_speed(self, since: float) -> float:
        """Reference seconds per CPU second here: 0.5 on a machine half as fast.

        Args:
            since: when the work began that is to be judged, by `time.monotonic`. What was measured
                from then on counts; where that is little, what was shortly before, too.

        Raises:
            SandboxError: if it has to be measured, and that fails.
        """
        with self._lock:
            while len(counted := self._list_samples(since)) < _LEAST_SAMPLES:
                self._measure()
            return self._reference / _mean_of_middle(counted)

    def _list_samples(self, since: float) -> list[float]:
        within = [one.cpu_seconds for one in self._samples if one.at >= since]
        if len(within) >= _LEAST_SAMPLES:
            return within
        return [one.cpu_seconds for one in self._samples if one.at >= since - _BEFORE_SECONDS]

    def _measure(self) -> None:
        cpu_seconds = self._workload.measure()
        self._samples.append(Sample(time.monotonic(), cpu_seconds))

    def close(self) -> None:
        """End the kernel that it measures in, after a measurement under way."""
        with self._lock:
            self._workload.close()


def _mean_of_middle(numbers: Sequence[float]) -> float:
    """Mean without a quarter at each end: steadier than the mean, and than the median of few."""
    left_out = len(numbers) // 4
    return statistics.fmean(sorted(numbers)[left_out : len(numbers) - left_out])


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

    It is measured again and again beside the work that nears its limit, until that ends or is
    stopped. Then it stays as it is, for what was decided by it must stay, too.

    Args:
        speedometer: finds it; None where CPU seconds count as they are.
        measured: the speed, where it is known.
    """

    def __init__(
        self, speedometer: Speedometer | None = None, measured: float | None = None
    ) -> None:
        self.measured = measured
        self._speedometer = speedometer if measured is None else None
        self._since = 0.0
        self._follower: asyncio.Task[None] | None = None

    @property
    def speed(self) -> float:
        """Reference seconds per CPU second; 1 while it is not known."""
        return 1.0 if self.measured is None else self.measured

    def begin(self) -> None:
        """Start to find the speed, beside what runs; once is enough."""
        if self._speedometer is not None and self._follower is None:
            self._since = time.monotonic()
            self._follower = asyncio.create_task(self._follow(self._speedometer))

    async def _follow(self, speedometer: Speedometer) -> None:
        while True:
            self.measured = await asyncio.to_thread(speedometer.read_speed, self._since)
            await asyncio.sleep(_SAMPLE_SECONDS)
            await asyncio.to_thread(speedometer.take_sample)

    def look(self) -> bool:
        """Whether the speed is known, as far as it can be by now, or nobody is finding it.

        Raises:
            SandboxError: if it could not be found.
        """
        if self._follower is None:
            return True
        if self._follower.done():
            self._follower.result()
        return self.measured is not None

    def keep(self) -> None:
        """Let the speed, where it is known, stay as it is: something is decided by it."""
        if self._follower is not None and self.measured is not None:
            self._follower.cancel()
            self._follower = self._speedometer = None

    async def settle(self) -> None:
        """Wait until the speed is known, where somebody began to find it; then it stays.

        Raises:
            SandboxError: if it could not be found.
        """
        if self._follower is None or self._speedometer is None:
            return
        self._follower.cancel()
        await asyncio.wait({self._follower})
        if not self._follower.cancelled():
            self._follower.result()
        self.measured = await asyncio.to_thread(self._speedometer.read_speed, self._since)
        self.keep()
