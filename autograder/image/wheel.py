"""Packs this installed package as a wheel, so that the image grades with the very code at hand.

No build tool and no network: the files as they are, with what the installation knows about them.
The same files give the same bytes, so a wheel's hash tells whether an image is up to date.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

from autograder.sandbox.image import list_package_files

DISTRIBUTION = "keras-autograder"
_KEPT_METADATA = ("METADATA", "entry_points.txt")
_TAGS = "Wheel-Version: 1.0\nGenerator: autograder\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_SAME_TIME = (1980, 1, 1, 0, 0, 0)


def make_wheel(folder: Path) -> Path:
    """Write the wheel of this package into `folder`; returns its path."""
    ours = distribution(DISTRIBUTION)
    stem = f"{DISTRIBUTION.replace('-', '_')}-{ours.version}"
    files = {**list_package_files(), **_make_metadata(ours, f"{stem}.dist-info")}
    record = f"{stem}.dist-info/RECORD"
    rows = [_write_row(name, content) for name, content in files.items()]
    files[record] = "\n".join([*rows, f"{record},,", ""]).encode()
    path = folder / f"{stem}-py3-none-any.whl"
    path.write_bytes(_zip(files))
    return path


def _make_metadata(ours: Distribution, folder: str) -> dict[str, bytes]:
    texts = {name: ours.read_text(name) or "" for name in _KEPT_METADATA}
    return {f"{folder}/{name}": text.encode() for name, text in {**texts, "WHEEL": _TAGS}.items()}


def _write_row(name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}"


def _zip(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _SAME_TIME)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return content.getvalue()
