"""How much memory JSON takes once it is parsed, told from its text before that."""

from __future__ import annotations

# Parsed JSON takes up to 80 bytes a mark, so 300 MB at most; text and pictures have few or none.
MAX_JSON_MARKS = 4_000_000
_MARKS = (b",", b":", b"[", b"{")


def has_too_many_parts(content: bytes) -> bool:
    """Whether JSON would take far more memory than its text once it is parsed."""
    return len(content) > MAX_JSON_MARKS and sum(map(content.count, _MARKS)) > MAX_JSON_MARKS
