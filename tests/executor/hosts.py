"""Schedulers and workers as real processes, on this machine or on hosts of their own.

A host is a network namespace, joined with the others by a bridge.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
SUBNET = f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 250}"  # of this run of tests
BRIDGE_ADDRESS = f"{SUBNET}.1"
WORKER = """
import sys
from autograder.cli.worker import work
from autograder.executor.nanny import WorkerOptions
sys.exit(work(sys.argv[1], WorkerOptions(int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))))
"""
QUICK = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "11s"}  # the least that Dask takes


def can_make_hosts():
    """Why no network namespaces can be made here; empty where they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    name = f"agtry{os.getpid()}"
    try:
        run = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
        if run.returncode == 0:
            run = subprocess.run(
                ["ip", "netns", "exec", name, "true"], capture_output=True, text=True
            )
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
    except FileNotFoundError:
        return "network namespaces need the command `ip` (iproute2)"
    return run.stderr.strip() if run.returncode else ""


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


def is_worker(process):
    """Whether it is one in which Dask does items, and is there still."""
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:  # ended, or not buried yet
        return False


class Network:
    """A bridge in this machine's namespace, and hosts on it."""

    def __init__(self):
        self.bridge = f"agbr{os.getpid() % 100000}"
        self.hosts = []
        ip("link", "add", self.bridge, "type", "bridge")
        ip("addr", "add", f"{BRIDGE_ADDRESS}/24", "dev", self.bridge)
        ip("link", "set", self.bridge, "up")

    def add_host(self):
        host = Host(self, len(self.hosts) + 2)
        self.hosts.append(host)
        return host

    def close(self):
        for host in self.hosts:
            host.close()
        ip("link", "del", self.bridge)


class Host:
    """A network namespace with one interface.

    Attributes:
        prefix: put before a command, runs it there.
    """

    def __init__(self, network, number):
        self.name = f"aghost{os.getpid() % 100000}x{number}"
        self.outside = f"agv{os.getpid() % 100000}x{number}"
        self.prefix = ["ip", "netns", "exec", self.name]
        ip("netns", "add", self.name)
        ip("link", "add", self.outside, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("link", "set", self.outside, "master", network.bridge, "up")
        inside = ["-n", self.name]
        ip(*inside, "addr", "add", f"{SUBNET}.{number}/24", "dev", "eth0")
        ip(*inside, "link", "set", "eth0", "up")
        ip(*inside, "link", "set", "lo", "up")

    def cut(self):
        """Take its network away; nobody is told."""
        ip("link", "set", self.outside, "down")

    def mend(self):
        ip("link", "set", self.outside, "up")

    def close(self):
        with suppress(subprocess.CalledProcessError):
            ip("netns", "del", self.name)


class Process:
    """A program of ours with what it wrote; its whole tree is ended with it."""

    def __init__(self, arguments, log, prefix=()):
        self.log = log
        with log.open("ab") as stream:
            self.popen = subprocess.Popen(
                [*prefix, sys.executable, *arguments],
                stdout=stream,
                stderr=stream,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **QUICK},
                cwd=ROOT,
            )

    @property
    def pid(self):
        return self.popen.pid

    def children(self):
        return psutil.Process(self.pid).children(recursive=True)

    def worker_process(self):
        """The process in which items are done."""
        return next(child for child in self.children() if is_worker(child))

    def read(self):
        return self.log.read_text(errors="replace")

    def kill(self):
        """End it and all its processes at once, as a machine that loses its power."""
        with suppress(psutil.NoSuchProcess):
            for process in [psutil.Process(self.pid), *self.children()]:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self.popen.wait(20)

    def end(self, number=signal.SIGTERM):
        """Ask it to end; its exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        try:
            return self.popen.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


def find_port():
    with socket.socket() as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


def start_scheduler(folder, port, host="127.0.0.1", options=()):
    arguments = ["-m", "distributed.cli.dask_scheduler", "--host", host, "--port", str(port)]
    process = Process([*arguments, "--no-dashboard", *options], folder / "scheduler.log")
    wait_for(lambda: is_open(host, port))
    return process


def start_worker(folder, place, workers=1, name="", prefix=(), seconds=60):
    log = folder / f"worker-{name or len(list(folder.iterdir()))}.log"
    return Process(["-c", WORKER, place, str(workers), name, str(seconds)], log, prefix)


def is_open(host, port):
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def wait_for(is_there, seconds=30):
    end = time.monotonic() + seconds
    while not is_there():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
