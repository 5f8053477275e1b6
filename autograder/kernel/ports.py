"""Keeps a kernel off the machine's ports, where it has no network of its own.

ipykernel opens one port for what child processes print, and its library ends the process when no
socket can be had at all. Without it, what a child process prints itself is not seen.
"""

from __future__ import annotations

from typing import Any

from ipykernel import kernelapp
from ipykernel.iostream import IOPubThread


def _make_thread(socket: Any, *_args: Any, **options: Any) -> IOPubThread:
    return IOPubThread(socket, **{**options, "pipe": False})


def avoid_ports() -> None:
    """Let the kernel that this process becomes open no port."""
    kernelapp.IOPubThread = _make_thread
