"""Runs Python source as an ordinary user, also where Python itself lies in a closed folder."""

import os
import subprocess
import sys
from pathlib import Path

from tests.hostile.ordinary import UID, make_command


def run_as_ordinary_user(source: str, home: Path, *, stay_root: bool = False) -> str:
    """What Python source prints as an ordinary user, at home in `home`.

    With `stay_root` as root, where Python is open to all.
    """
    home.mkdir(exist_ok=True)
    command = [sys.executable, "-c", source]
    if os.geteuid() == 0:
        command = make_command(command, stay_root=stay_root)
        if not stay_root:
            os.chown(home, UID, UID)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home)}
    done = subprocess.run(
        command, cwd=home, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
