"""Runs Python as an ordinary user, also where Python itself lies in a folder closed to others.

As root only: in a mount namespace of its own, the closed folder (`/root`) is covered by one that
shows nothing but Python.
"""

import os
import subprocess
import sys
from pathlib import Path

UID = 54_321
_COVER = """
set -e
mount --make-rprivate /
if [ -n "$1" ]; then
    keep=$(mktemp -d)
    mount --rbind "$2" "$keep"
    mount -t tmpfs -o mode=755 tmpfs "$1"
    mkdir -p "$2"
    mount --rbind "$keep" "$2"
fi
shift 2
exec {become} "$@"
"""


def find_closed_folder(path: Path) -> str:
    """The uppermost folder above `path` that others may not enter; empty where there is none."""
    for folder in reversed(path.parents):
        if not folder.stat().st_mode & 0o001:
            return str(folder)
    return ""


def make_command(command: list[str], *, stay_root: bool = False) -> list[str]:
    """`command` as an ordinary user, or as root where Python is open to all."""
    if os.geteuid() != 0:
        return command
    python = Path(sys.base_prefix)
    become = "" if stay_root else f"setpriv --reuid {UID} --regid {UID} --clear-groups"
    cover = _COVER.format(become=become)
    closed = find_closed_folder(python)
    return ["unshare", "--mount", "sh", "-c", cover, "sh", closed, str(python), *command]


def run_as_ordinary_user(source: str, home: Path, *, stay_root: bool = False) -> str:
    """What Python source prints as an ordinary user, at home in `home`."""
    home.mkdir(exist_ok=True)
    if os.geteuid() == 0 and not stay_root:
        os.chown(home, UID, UID)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home)}
    done = subprocess.run(
        make_command([sys.executable, "-c", source], stay_root=stay_root),
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
