"""What the soak grades: honest and hostile submissions, in the same order every time.

Every tenth is hostile: one of `tests/hostile`, where that exists, or of the few below, with which
the soak works alone. Every tenth honest one trains a small Keras model. Left out: whether a hostile
one gets what it wants (`tests/hostile` says).
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder import notebook
from autograder.schema import (
    AssessmentConfig,
    Bundle,
    BundleFolder,
    Question,
    Submission,
    TestCase,
    TrainingSpec,
    read_bundle,
)
from autograder.schema.assessment import Limits

LIMITS = Limits(
    memory_mib=1200, wall_seconds=60, question_seconds=1.5, output_bytes=500_000, disk_mib=64
)
CHECKS = (
    "assert double(3.0) == 6.0",
    "np.testing.assert_allclose(double(np.arange(3.0)), [0, 2, 4])",
    "assert isinstance(double(2.0), float)",
)
TRAINING = """
import keras
from keras import layers
def preprocess(x):
    return x
def build_model():
    model = keras.Sequential([
        keras.Input((8,)),
        layers.Dense(32, activation="relu"),
        layers.Dense(2, activation="softmax"),
    ])
    model.compile(
        keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model
def train(model, data):
    return model.fit(data.x_train, data.y_train, epochs=20, verbose=0)
"""
ANSWERS = (  # to the light question, and what each is worth
    ("def double(x):\n    return 2 * x", 3.0),
    ("def double(x):\n    return x", 1.0),
    ("import numpy as np\ndef double(x):\n    return np.add(x, x) if np.ndim(x) else x + x", 3.0),
    ("def double(x):\n    raise ValueError(x)", 0.0),
    ("print('~' * 10_000)\ndouble = lambda x: x * 2", 3.0),
)
WRONG = "\ndef double(x):\n    return x"
OWN_ATTACKS = {
    "ends_at_once": "import os\nos._exit(0)",
    "kills_itself": "import os, signal\ndef double(x):\n    os.kill(os.getpid(), signal.SIGKILL)",
    "leaves_daemons": """
import os, time
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)"""
    + WRONG,
    "many_processes": """
import os, time
for _ in range(100):
    if os.fork() == 0:
        time.sleep(600)"""
    + WRONG,
    "many_threads": """
import threading, time
for _ in range(100):
    threading.Thread(target=time.sleep, args=(600,)).start()"""
    + WRONG,
    "many_descriptors": "kept = [open('/dev/null') for _ in range(900)]" + WRONG,
    "much_memory": "kept = [bytearray(100_000_000) for _ in range(40)]" + WRONG,
    "much_output": "for _ in range(200):\n    print('~' * 100_000)" + WRONG,
    "much_disk": """
import os
for place in (".", os.path.expanduser("~"), "/tmp", "/dev/shm"):
    try:
        with open(f"{place}/{targets['mark']}", "wb") as file:
            for _ in range(100):
                file.write(bytes(1_000_000))
    except OSError as error:
        print(error)"""
    + WRONG,
    "mounts": """
import ctypes
library = ctypes.CDLL(None)
print(library.unshare(0x20000), library.mount(b"none", b"/tmp", b"tmpfs", 0, None))"""
    + WRONG,
    "endless_loop": "def double(x):\n    while True:\n        pass",
    "forged_messages": """
import os
for number in range(3, 60):
    try:
        os.write(number, b"~" * 1000)
    except OSError:
        pass"""
    + WRONG,
}


@dataclass(frozen=True)
class Item:
    """One grading of the soak.

    Attributes:
        submission: what is graded.
        bundle: in what.
        score: that it must earn; None for a hostile one.
    """

    submission: Submission
    bundle: BundleFolder
    score: float | None


@dataclass(frozen=True)
class Attack:
    """A hostile submission: its name, the question it aims at, its cells."""

    name: str
    aim: str
    cells: tuple[str, ...]


class Work:
    """Bundles in a folder, and submissions to them.

    Args:
        folder: for the bundles.
        mark: in the name of whatever a hostile submission leaves anywhere.
        light: without Keras, and with the soak's own hostile submissions only.
    """

    def __init__(self, folder: Path, mark: str, *, light: bool) -> None:
        aims = ("q1",) if light else ("q1", "q2", "q3")
        self._bundles = {aim: _write_bundle(folder / aim, _make_question(aim)) for aim in aims}
        self._light = light
        targets = _make_targets(folder, mark)
        own = f"targets = {targets!r}\n"
        self._attacks = [Attack(n, "q1", (own + text,)) for n, text in OWN_ATTACKS.items()]
        if not light:
            self._attacks += list_known_attacks(targets)
        random.Random(0).shuffle(self._attacks)

    def make_first(self) -> Iterator[Item]:
        """One of every kind, after which all that is kept warm is warm."""
        yield self._make_honest("first", 0)
        yield self._make_hostile("first-hostile", 0)
        if not self._light:
            yield self._make_training("first-training")

    def make_items(self, count: int) -> Iterator[Item]:
        """`count` items."""
        for number in range(count):
            if number % 10 == 5:
                yield self._make_hostile(f"s{number:04}", number // 10)
            elif number % 10 == 9 and not self._light:
                yield self._make_training(f"s{number:04}")
            else:
                yield self._make_honest(f"s{number:04}", number)

    def _make_honest(self, name: str, number: int) -> Item:
        source, score = ANSWERS[number % len(ANSWERS)]
        return Item(_submit(name, [source], "q1"), self._bundles["q1"], score)

    def _make_training(self, name: str) -> Item:
        return Item(_submit(name, [TRAINING], "q2"), self._bundles["q2"], 4.0)

    def _make_hostile(self, name: str, number: int) -> Item:
        attack = self._attacks[number % len(self._attacks)]
        content = _submit(f"{name}-{attack.name}", attack.cells, attack.aim)
        return Item(content, self._bundles[attack.aim], None)


def list_known_attacks(targets: Mapping[str, object]) -> list[Attack]:
    """Those of `tests/hostile` that run in a kernel; none where they are not installed."""
    try:
        from tests.hostile import attack as hostile  # noqa: PLC0415 - not in a wheel
    except ImportError:
        return []
    prelude = hostile.make_prelude(dict(targets))
    return [
        Attack(f"{item.group}-{item.name}", item.aim, (prelude, *item.cells))
        for item in hostile.list_attacks(hostile.KERNEL_GROUPS)
    ]


def _make_targets(folder: Path, mark: str) -> dict[str, object]:
    """What hostile submissions are led to: this very process, and files that hold no secret."""
    places = {name: folder / name for name in ("canaries", "secret_file", "home_secret", "unix")}
    return {
        **{name: str(place) for name, place in places.items()},
        "victim": os.getpid(),
        "grader": os.getpid(),
        "uid": os.getuid(),
        "tcp": 9,
        "udp": 9,
        "abstract": mark,
        "shm": f"/dev/shm/{mark}-shm",
        "mark": mark,
        "bundle": str(folder / "q1"),
        "neighbour": f"{folder} {os.getpid()} {os.getuid()}",
        "temporary": str(folder),
    }


def _submit(name: str, cells: Sequence[str], aim: str) -> Submission:
    sources = [*cells, f"grader.check({aim!r})"]
    content = notebook.make_notebook([notebook.make_code_cell(source) for source in sources])
    return Submission(name=name, student=name, notebook=notebook.serialize_notebook(content))


def _make_question(name: str) -> Question:
    if name == "q1":
        return Question(
            name=name,
            test_cases=tuple(
                TestCase(
                    name=f"q1-{number}",
                    source=f"def test_{number}(double):\n    import numpy as np\n    {check}",
                    style="exception",
                    points=1.0,
                    hidden=True,
                )
                for number, check in enumerate(CHECKS, 1)
            ),
            points=3.0,
            time_limit_seconds=1.5,
        )
    spec = TrainingSpec(
        full_marks_at=0.8,
        no_marks_below=0.5,
        points=4,
        max_parameters=1000 if name == "q2" else None,
        preprocess="preprocess",
        predict="predict",
    )
    return Question(name=name, training=spec, points=4.0, time_limit_seconds=15)


def _write_bundle(folder: Path, question: Question) -> BundleFolder:
    for name in ("public/data", "hidden"):
        (folder / name).mkdir(parents=True)
    imports = {"np": "numpy"}
    if question.training is not None:
        imports["keras"] = "keras"
        inputs = np.random.default_rng(0).normal(size=(700, 8)).astype("float32")
        labels = (inputs[:, 0] * inputs[:, 1] > 0).astype(int)
        np.savez(folder / "public/data/train.npz", x_train=inputs[:400], y_train=labels[:400])
        np.savez(folder / "hidden/hidden.npz", x=inputs[400:], y=labels[400:])
    bundle = Bundle(
        assessment="b02_soak",
        title="Soak",
        notebook_name="b02_soak.ipynb",
        questions=(question,),
        imports=imports,
        hidden_groups=("hidden",) if question.training is not None else (),
        config=AssessmentConfig(language="en", limits=LIMITS),
    )
    (folder / "bundle.json").write_text(bundle.model_dump_json(), encoding="utf-8")
    return read_bundle(folder)
