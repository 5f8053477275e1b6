"""Which walls hold around a container: judged by what it says before any student code is in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_OPEN_FILES = 1024
_NAMESPACES = {"user": "user", "mount": "mnt", "pid": "pid", "network": "net"} | {
    name: name for name in ("ipc", "uts")
}


def list_walls(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the walls that hold.

    Args:
        facts: as `kernel.line` tells them from inside.
    """
    apart = {name: _is_apart(facts, key) for name, key in _NAMESPACES.items()}
    status = facts["status"]
    powerless = int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    holds = {
        "container": True,
        "uid": facts["uid"] != 0,
        **apart,
        "mount": apart["mount"] and facts["read_only"],
        "pid": apart["pid"] and facts["pid"] == 1,
        "network": apart["network"] and facts["routes"] == 0,
        "capabilities": powerless and status["NoNewPrivs"] == "1",
        "landlock": facts["landlock"] > 0,
        "seccomp": facts["seccomp"] == "2",
        "cgroup": facts["memory_bounded"],
        "rlimits": facts["open_files"] <= _OPEN_FILES,
    }
    return tuple(name for name, held in holds.items() if held)


def _is_apart(facts: Mapping[str, Any], namespace: str) -> bool:
    inside = facts["namespaces"].get(namespace, "")
    return bool(inside) and inside != str(Path(f"/proc/self/ns/{namespace}").readlink())
