"""A root folder of its own: what Python needs, read-only, and a small disk in memory.

Nothing else of the machine's files is there: no course, no other submission, no home of anybody.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from autograder.kernel.walls import libc
from autograder.wire.launch import View

_RDONLY, _NOSUID, _NODEV, _NOEXEC = 1, 2, 4, 8
_REMOUNT, _BIND, _MOVE_DOWN, _PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
_DETACH = 2
_AT_RECURSIVE, _AT_FDCWD = 0x8000, -100
_ATTR_RDONLY, _ATTR_NOSUID = 1, 2
_DEVICES = ("null", "zero", "full", "random", "urandom")
_COVERED = (  # of the machine as a whole: names of keys, addresses, what others run
    "keys",
    "key-users",
    "kallsyms",
    "kcore",
    "kmsg",
    "sched_debug",
    "sysrq-trigger",
    "timer_list",
)
_LINKS = {
    "dev/fd": "/proc/self/fd",
    "dev/stdin": "/proc/self/fd/0",
    "dev/stdout": "/proc/self/fd/1",
    "dev/stderr": "/proc/self/fd/2",
    "dev/ptmx": "pts/ptmx",
    "var/tmp": "/tmp",  # noqa: S108 - the kernel's own
    "etc/mtab": "/proc/self/mounts",
}
_FILES = {
    "etc/passwd": "root:x:0:0::/:/usr/sbin/nologin\nstudent:x:{uid}:{uid}::{home}:/bin/sh\n",
    "etc/group": "root:x:0:\nstudent:x:{uid}:\n",
    "etc/hosts": "127.0.0.1 localhost student\n::1 localhost\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


def enter_view(view: View, *, owner: int, shown_uid: int) -> None:
    """Make the new root and leave the old one.

    Args:
        view: what is in it.
        owner: user id, as this process counts them, that owns the small disk.
        shown_uid: user id that student code will see itself as.

    Raises:
        OSError: if this process may not mount.
    """
    libc.call("mount", None, b"/", None, _MOVE_DOWN | _PRIVATE, None)
    root = Path(view.staging)
    _mount_memory(root, "mode=755,size=8m,nr_inodes=8k")
    _make_devices(root)
    _make_disk(root, view, owner)
    for path in view.readable:  # after the disk: Python may lie in a folder of the same name
        _show(Path(path), root)
    for path in view.copied:
        _copy(Path(path), root)
    _write_files(root, view.home, shown_uid)
    _bind(Path(view.runtime_source), root / view.runtime.lstrip("/"))
    _mount_processes(root)
    for link, target in _LINKS.items():
        _make_link(root / link, target)
    _switch(root)


def seal_folder(path: str) -> None:
    """Make a folder that is a mount of its own read-only.

    Raises:
        OSError: if this process may not.
    """
    attributes = _ATTR_RDONLY.to_bytes(8, "little") + bytes(24)
    libc.system_call("mount_setattr", _AT_FDCWD, path.encode(), 0, attributes, len(attributes))


def _mount_memory(place: Path, options: str) -> None:
    flags = _NOSUID | _NODEV
    libc.call("mount", b"tmpfs", os.fsencode(place), b"tmpfs", flags, options.encode())


def _bind(source: Path, place: Path) -> None:
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir() if source.is_dir() else place.touch()
    flags = _BIND | _MOVE_DOWN
    libc.call("mount", os.fsencode(source), os.fsencode(place), None, flags, None)


def _show(path: Path, root: Path) -> None:
    """Show a folder or file of the machine at the same place, read-only with all below it."""
    place = root / str(path).lstrip("/")
    if path.is_symlink():  # /bin -> usr/bin
        _make_link(place, str(path.readlink()))
        return
    if not path.exists() or place.exists():
        return
    _bind(path, place)
    attributes = (_ATTR_RDONLY | _ATTR_NOSUID).to_bytes(8, "little") + bytes(24)
    libc.system_call(
        "mount_setattr", _AT_FDCWD, os.fsencode(place), _AT_RECURSIVE, attributes, len(attributes)
    )


def _copy(path: Path, root: Path) -> None:
    place = root / str(path).lstrip("/")
    if path.is_file() and not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())


def _write_files(root: Path, home: str, uid: int) -> None:
    for name, text in _FILES.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.format(home=home, uid=uid), encoding="utf-8")


def _make_devices(root: Path) -> None:
    for name in _DEVICES:
        _bind(Path("/dev", name), root / "dev" / name)
    place = root / "dev/pts"
    place.mkdir()
    options = b"newinstance,ptmxmode=0666,mode=620"
    libc.call("mount", b"devpts", os.fsencode(place), b"devpts", _NOSUID | _NOEXEC, options)


def _make_disk(root: Path, view: View, owner: int) -> None:
    """One small disk in memory for all that student code may write, with the given files on it."""
    disk = root / view.home.lstrip("/")
    disk.mkdir(parents=True)
    _mount_memory(disk, f"mode=755,size={view.disk_mib}m,nr_inodes=200k")
    work = root / view.work.lstrip("/")
    shutil.copytree(view.given, work)
    for name, mount in ((".tmp", root / "tmp"), (".shm", root / "dev/shm")):
        folder = disk / name
        folder.mkdir()
        _bind(folder, mount)
        os.chown(folder, owner, owner)
        folder.chmod(stat.S_ISVTX | 0o777)
    for path in (disk, work, *work.rglob("*")):
        os.chown(path, owner, owner, follow_symlinks=False)


def _mount_processes(root: Path) -> None:
    place = root / "proc"
    place.mkdir()
    libc.call("mount", b"proc", os.fsencode(place), b"proc", _NOSUID | _NODEV | _NOEXEC, None)
    for name in _COVERED:
        if (place / name).is_file():
            _bind(Path("/dev/null"), place / name)


def _make_link(place: Path, target: str) -> None:
    if not place.is_symlink():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)


def _switch(root: Path) -> None:
    os.chdir(root)
    libc.system_call("pivot_root", b".", b".")
    libc.call("umount2", b".", _DETACH)
    os.chdir("/")
    libc.call("mount", None, b"/", None, _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV, None)
