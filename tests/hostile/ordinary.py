"""Runs a command as an ordinary user, with an interpreter that lies in another user's home.

The home stays closed: in a mount namespace of the command's own, the interpreter's folder alone is
shown in its place.
"""

from __future__ import annotations

import shlex
import stat
import sys
from pathlib import Path

UID = 65534


def find_closed_folder(path: Path) -> Path | None:
    """The outermost folder above `path` that other users may not enter, or None."""
    for folder in reversed(path.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            return folder
    return None


def make_entry_script() -> str:
    """Shell commands that show the interpreter to everybody, in a mount namespace of one's own."""
    base = Path(sys.base_prefix)
    closed = find_closed_folder(base)
    if closed is None:
        return ""
    shown, folder = shlex.quote(str(base)), shlex.quote(str(closed))
    return (
        f"exec 9<{shown}; mount -t tmpfs -o mode=0755 none {folder}; mkdir -p {shown}; "
        f"mount --no-canonicalize --bind /proc/self/fd/9 {shown}; mount -o remount,bind,ro {shown}; exec 9<&-; "
    )


def make_command(
    words: list[str],
    *,
    namespaces: tuple[str, ...] = (),
    before: str = "",
    stay_root: bool = False,
) -> list[str]:
    """`words` as user 65534 without groups, in `namespaces` of their own (for `unshare`).

    With `stay_root` as root, where the interpreter is open to all.
    """
    drop = "" if stay_root else f"setpriv --reuid {UID} --regid {UID} --clear-groups "
    script = f"set -e; {make_entry_script()}{before}exec {drop}{shlex.join(words)}"
    return ["unshare", "--mount", "--propagation", "private", *namespaces, "bash", "-c", script]
