"""Reads the TOML files that staff write."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from autograder.errors import AuthoringError, Problem


def read_toml(path: Path) -> dict[str, Any]:
    """What a file says; nothing where there is none.

    Raises:
        AuthoringError: if it is not TOML in UTF-8, such as one that an old editor saved in CP949.
    """
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AuthoringError([Problem(path.name, f"is not valid TOML ({error})")]) from error
