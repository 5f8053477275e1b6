#!/usr/bin/env python3
"""Gradescope's `run_autograder` for results graded elsewhere: hands each student their own.

This file itself goes into the autograder zip, so it needs nothing but Python 3.8. It runs no code
of the student and reads nothing of the upload. Beside it in `source/` lies `index.json`:
`{"results": {<e-mail>: {"file": …, "submitted_at": …}}, "messages": {"missing": …, "newer": …}}`.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

# Gradescope's download and its metadata tell the same moment; they may be rounded differently.
SLACK = timedelta(minutes=1)


def replay(root: Path) -> None:
    """Write `results/results.json` below `root`, which is `/autograder` on Gradescope.

    Where there is no result, or it was made for an earlier upload, the file has no score:
    Gradescope then shows staff that this submission has failed, and keeps no wrong grade.
    """
    source = root / "source"
    index = json.loads((source / "index.json").read_text("utf-8"))
    metadata = json.loads((root / "submission_metadata.json").read_text("utf-8"))
    emails = [str(user.get("email") or "").casefold() for user in metadata.get("users", [])]
    found = next((index["results"][one] for one in emails if one in index["results"]), None)
    if found is None:
        content = tell(index["messages"]["missing"])
    elif is_newer(metadata.get("created_at"), found["submitted_at"]):
        content = tell(index["messages"]["newer"])
    else:
        content = (source / found["file"]).read_text("utf-8")
    target = root / "results" / "results.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(content, "utf-8")


def is_newer(created: Any, graded: Any) -> bool:
    """Whether the upload was `created` after the one that was `graded`; False if unknown."""
    if not created or not graded:
        return False
    try:
        moments = [
            datetime.fromisoformat(str(one).replace("Z", "+00:00")) for one in (created, graded)
        ]
        return moments[0] - moments[1] > SLACK
    except (TypeError, ValueError):
        return False


def tell(message: str) -> str:
    """A `results.json` with nothing but a message."""
    return json.dumps({"output": message, "output_format": "text", "tests": []}, ensure_ascii=False)


if __name__ == "__main__":
    replay(Path(__file__).resolve().parent)
