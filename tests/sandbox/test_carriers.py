"""What the processes that carry a container's streams have used."""

import subprocess
import sys

from autograder.sandbox.carriers import Carriers

BURN = """
import subprocess, sys, time
first = subprocess.Popen(["sleep", "60"])
while time.process_time() < 0.3: pass
print(first.pid, flush=True)
sys.stdin.read()
first.kill()
"""


def test_both_who_starts_and_who_holds_the_container_count_and_nothing_that_it_does():
    command = [sys.executable, "-c", BURN]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        first = int(holder.stdout.readline())
        assert 0.25 < Carriers(holder.pid, 0).read_cpu_seconds() < 2
        assert 0.25 < Carriers(holder.pid, first).read_cpu_seconds() < 0.5  # once, if it is both
        assert 0.25 < Carriers(first, first).read_cpu_seconds() < 2
        carriers = Carriers(first, 0)
        assert carriers.read_cpu_seconds() < 0.1
        holder.stdin.close()
    assert carriers.read_cpu_seconds() < 0.1  # it is gone: what was last known


def test_a_container_whose_processes_are_not_to_be_seen_has_no_carriers():
    with subprocess.Popen(["true"]) as gone:
        pass
    assert Carriers(gone.pid, 0).read_cpu_seconds() == 0
