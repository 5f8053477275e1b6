"""The same code in another process: what must not depend on where it runs."""

import subprocess
import sys


def print_elsewhere(code, hash_seed):
    """What `code` prints in a fresh Python with this `PYTHONHASHSEED`."""
    environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)}
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, check=True, env=environment)
    return done.stdout.strip()
