"""A small course whose true scores are known, and a class for each of its two assessments.

`plain` has three questions without Keras, `trained` a tiny training beside one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.schema import AssessmentConfig
from autograder.schema.assessment import Limits
from tests.grade.conftest import case, question, submit, write_bundle
from tests.hostile.bundles import RIGHT_Q2, write_bundles

LIMITS = Limits(memory_mib=1200, wall_seconds=90, question_seconds=4, disk_mib=64)
_COPIES = 3
CHECK = "def test_it({0}):\n    assert {0} == {1}"
CALL = "def test_it(f):\n    import time\n    time.sleep(0.2)\n    assert [f(n) for n in range(3)] == [0, 2, 4]"
WAIT = "import time\ntime.sleep(0.25)\n"
RIGHT = (WAIT + "a = 1", WAIT + "b = 2", "def f(n):\n    return 2 * n")
CLASS = {
    "right": (RIGHT, 4.0),
    "slow": (
        (*RIGHT[:2], f"def f(n):\n    {WAIT.replace(chr(10), '; ', 1)[:-1]}\n    return n + n"),
        4.0,
    ),
    "half": ((RIGHT[0], WAIT + "b = 3", RIGHT[2]), 3.0),
    "raises": ((RIGHT[0], "b = 1 / 0", RIGHT[2]), 3.0),
    "leaves": ((RIGHT[0], RIGHT[1], "import os\nos._exit(0)"), 2.0),
    "suicide": ((RIGHT[0], RIGHT[1] + "\nimport os\nos.kill(os.getpid(), 9)", RIGHT[2]), 3.0),
    "wrong": ((WAIT + "a = 0", WAIT + "b = 0", "def f(n):\n    return n"), 0.0),
}
TRAINED = {
    "trained": ((RIGHT_Q2,), 4.0),
    "trained_later": (("x = 1", RIGHT_Q2), 4.0),
    "untrained": (("def train(model, data):\n    return 1 / 0",), 0.0),
}


@dataclass(frozen=True)
class Classroom:
    """One assessment and its class.

    Attributes:
        uploads: folder of notebooks.
        truth: score of each submission.
    """

    course: Path
    assessment: str
    uploads: Path
    truth: dict[str, float]


def write_classrooms(folder: Path) -> dict[str, Classroom]:
    """Both, in the course `folder`."""
    write_bundles(folder, "")
    (folder / "build" / "keras").rename(folder / "build" / "trained")
    questions = [
        question("q1", case(CHECK.format("a", 1), question="q1"), time_limit_seconds=4),
        question("q2", case(CHECK.format("b", 2), question="q2"), time_limit_seconds=4),
        question("q3", case(CALL, question="q3", hidden=True, points=2.0), time_limit_seconds=4),
    ]
    config = AssessmentConfig(language="en", limits=LIMITS)
    write_bundle(folder / "build" / "plain" / "bundle", questions, config=config)
    return {"plain": _write(folder, "plain", CLASS), "trained": _write(folder, "trained", TRAINED)}


def _write(folder: Path, name: str, members: dict[str, tuple[tuple[str, ...], float]]) -> Classroom:
    copies = _COPIES if name == "plain" else 1
    uploads = folder / "uploads" / name
    uploads.mkdir(parents=True)
    truth = {}
    for number in range(copies):
        for student, (cells, score) in members.items():
            content = submit(f"# {number}", *cells).notebook  # what is equal is graded once
            (uploads / f"{student}{number}.ipynb").write_bytes(content or b"")
            truth[f"{student}{number}"] = score
    return Classroom(folder, name, uploads, truth)
