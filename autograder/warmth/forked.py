"""A fork that is no child of ours: waits for its end, sends it signals, ends it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from contextlib import suppress

import psutil


class ForkedProcess:
    """A fork that is no child of ours, with the methods of `subprocess.Popen` that Jupyter uses.

    Attributes:
        pid: its process id.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor: int | None = None
        self._watched: psutil.Process | None = None
        try:
            self._descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            pass
        except (AttributeError, OSError):  # not Linux, an old one, or no room for a descriptor
            with suppress(psutil.NoSuchProcess):
                self._watched = psutil.Process(pid)

    def poll(self) -> int | None:
        """0 once it has ended (its status is not ours to know), None while it runs."""
        return 0 if self._has_ended(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: if it has not ended in `timeout` seconds.
        """
        if not self._has_ended(timeout):
            raise subprocess.TimeoutExpired("fork", timeout or 0.0)
        return 0

    def send_signal(self, number: int) -> None:
        """Send it a signal; nothing happens where it has ended."""
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            if self._descriptor is not None:
                signal.pidfd_send_signal(self._descriptor, number)
            elif self._watched is not None:
                self._watched.send_signal(number)

    def kill(self) -> None:
        """End it now."""
        self.send_signal(signal.SIGKILL)

    def end(self, seconds: float) -> None:
        """See that it ends: by itself within `seconds`, which its line's end made it do, or now."""
        if not self._has_ended(seconds):
            self.kill()
            self._has_ended(seconds)

    def _has_ended(self, seconds: float | None) -> bool:
        if self._watched is not None:
            with suppress(psutil.TimeoutExpired):
                self._watched.wait(seconds)
                self._watched = None
        elif self._descriptor is not None:
            poll = select.poll()  # unlike `select`, for any number of open files
            poll.register(self._descriptor, select.POLLIN)
            if poll.poll(None if seconds is None else seconds * 1_000):
                os.close(self._descriptor)
                self._descriptor = None
        return self._watched is None and self._descriptor is None
