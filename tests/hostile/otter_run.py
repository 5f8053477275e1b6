"""The same attacks under plain `otter run`, in namespaces that are thrown away.

No network but its own loopback, no writable disk but memory, no process but its own, an ordinary
user, and a control group: whatever an attack does there ends with it. Needs root.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from autograder import notebook
from autograder.notebook import NotebookNode
from autograder.sandbox.cgroup import Caps, make_cgroup
from tests.hostile import bundles
from tests.hostile.attack import Attack, make_prelude
from tests.hostile.ordinary import make_command

SECONDS = 40
_GRACE_SECONDS = 10
_CAPS = Caps(memory_mib=3000, processes=400)
_NAMESPACES = ("--pid", "--fork", "--kill-child", "--mount-proc", "--net", "--ipc", "--uts")
_START = "import otter\ngrader = otter.Notebook()"
_DATA = """import numpy as np
    from types import SimpleNamespace
    inputs = np.random.default_rng(0).normal(size=(700, 8)).astype("float32")
    labels = (inputs[:, 0] * inputs[:, 1] > 0).astype(int)"""
_TRAINING = f"""def test_training(build_model, train, preprocess):
    {_DATA}
    model = build_model()
    train(model, SimpleNamespace(x_train=inputs[:400], y_train=labels[:400]))
    loss, accuracy = model.evaluate(preprocess(inputs[400:]), labels[400:], verbose=0)
    assert accuracy >= 0.85"""
_SIZE = "def test_size(build_model):\n    assert build_model().count_params() < 1000"
_TESTS = {
    "q1": [
        (f"def test_{n}(double):\n    import numpy as np\n    {test}", 1)
        for n, test in enumerate(bundles.TESTS, 1)
    ],
    "q2": [(_SIZE, 1), (_TRAINING, 3)],
    "q3": [(_TRAINING, 3)],
}


class OtterRun:
    """Otter's autograder zips, one per question, and runs with them."""

    def __init__(self, folder: Path, targets: dict[str, object]) -> None:
        self._folder = folder
        self._targets = targets
        self._zips = {aim: _assign(folder / aim, aim) for aim in _TESTS}
        for path in (folder, *self._zips.values()):
            path.chmod(0o755)

    def score(self, attack: Attack, number: int) -> str:
        """What otter gives for `attack`, in words for the table."""
        work = self._folder / f"run{number}"
        work.mkdir()
        submission = self._write(attack, work)
        if submission is None:
            return "takes one file"
        (work / "autograder.zip").write_bytes(self._zips[attack.aim].read_bytes())
        return _run(work, submission.name)

    def _write(self, attack: Attack, work: Path) -> Path | None:
        if attack.make is None:
            sources = [_START, make_prelude(self._targets), *attack.cells]
            content = notebook.make_notebook([notebook.make_code_cell(cell) for cell in sources])
            path = work / "submission.ipynb"
            path.write_bytes(notebook.serialize_notebook(content))
            return path
        made = work / "made"
        made.mkdir()
        path = attack.make(made, {**self._targets, "secret": ""})
        if path.is_dir() or path.suffix not in (".ipynb", ".zip"):
            return None
        return path.rename(work / f"submission{path.suffix}")


def _run(work: Path, name: str) -> str:
    program = str(Path(sys.executable).parent / "otter")
    run = shlex.join(
        [
            program,
            "run",
            "-a",
            "/tmp/w/autograder.zip",
            "-o",
            "/tmp/out",
            "--no-logo",
            f"/tmp/w/{name}",
        ]
    )
    inner = (
        f"mkdir -p /tmp/out /tmp/home; cd /tmp/home; export HOME=/tmp/home TF_CPP_MIN_LOG_LEVEL=3; "
        f"ulimit -f 400000; {run} >/tmp/log 2>&1; echo $? >/tmp/code; "
        "head -c 1000000 /tmp/out/results.json; echo; echo ----; cat /tmp/code; tail -c 600 /tmp/log"
    )
    kept, shown = _keep_python()
    before = (
        f"read -r _; exec 8<{shlex.quote(str(work))}; {kept}"
        f"mount -t tmpfs -o size=2g,mode=1777 none /tmp; mkdir /tmp/w; {shown}"
        "mount --no-canonicalize --bind /proc/self/fd/8 /tmp/w; mount -o remount,bind,ro /tmp/w; exec 8<&-; "
        "mount -t tmpfs none /dev/shm; mount -t tmpfs -o size=100m,mode=1777 none /var/tmp; "
        "mount -o remount,bind,ro /; ip link set lo up; "
    )
    own_keys = ["unshare", "--user"]  # key rings belong to a user namespace
    words = ["timeout", "--signal=KILL", str(SECONDS), *own_keys, "bash", "-c", inner]
    command = make_command(words, namespaces=_NAMESPACES, before=before)
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/"
    )
    cgroup = make_cgroup(f"otter{process.pid}", _CAPS)
    if cgroup is not None:
        cgroup.add(process.pid)
    try:
        output, _ = process.communicate(b"go\n", timeout=SECONDS + _GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        if cgroup is not None:
            cgroup.kill()
        process.kill()
        process.communicate()
        return f"hangs (> {SECONDS} s)"
    finally:
        if cgroup is not None:
            cgroup.kill()
            cgroup.remove()
    if not output:
        return f"hangs (> {SECONDS} s)"  # `timeout` was the first process: all ended with it
    return _read_score(output.decode(errors="replace"))


def _keep_python() -> tuple[str, str]:
    """Shell commands before and after `/tmp` is covered, where otter itself is installed there."""
    prefix = Path(sys.prefix)
    if not prefix.is_relative_to("/tmp"):
        return "", ""
    place = shlex.quote(str(prefix))
    shown = (
        f"mkdir -p {place}; mount --no-canonicalize --bind /proc/self/fd/7 {place}; "
        f"mount -o remount,bind,ro {place}; exec 7<&-; "
    )
    return f"exec 7<{place}; ", shown


def _read_score(output: str) -> str:
    text, _, log = output.rpartition("\n----\n")
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        tests = json.loads(text)["tests"]
        score = sum(float(test["score"]) for test in tests if "score" in test)
        return f"{score:g}"
    lines = [line.strip(" │╯╰─") for line in log.strip().splitlines()]
    last = next((line for line in reversed(lines) if line), "no word")
    return f"fails: {last[:24]}"


def _assign(folder: Path, aim: str) -> Path:
    folder.mkdir()
    master = folder / "master.ipynb"
    master.write_bytes(notebook.serialize_notebook(_make_master(aim)))
    program = Path(sys.executable).parent / "otter"
    done = subprocess.run(
        [program, "assign", master, folder / "built", "--no-pdfs", "--no-run-tests"],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    (archive,) = (folder / "built" / "autograder").glob("*.zip")
    return archive


def _make_master(aim: str) -> NotebookNode:
    def raw(text: str) -> NotebookNode:
        cell = notebook.make_code_cell(text)
        return NotebookNode(cell_type="raw", metadata=NotebookNode(), source=text, id=cell.id)

    config = '""" # BEGIN TEST CONFIG\nhidden: true\npoints: {}\n""" # END TEST CONFIG\n'
    tests = [notebook.make_code_cell(config.format(points) + test) for test, points in _TESTS[aim]]
    points = sum(points for _, points in _TESTS[aim])
    cells = [
        raw(
            "# ASSIGNMENT CONFIG\nsolutions_pdf: false\nexport_cell: false\ntests:\n  ok_format: false"
        ),
        raw(f"# BEGIN QUESTION\nname: {aim}\npoints: {points}"),
        notebook.make_markdown_cell("Answer."),
        raw("# BEGIN SOLUTION"),
        notebook.make_code_cell(f"# BEGIN SOLUTION\n{bundles.RIGHT[aim]}\n# END SOLUTION"),
        raw("# END SOLUTION"),
        raw("# BEGIN TESTS"),
        *tests,
        raw("# END TESTS"),
        raw("# END QUESTION"),
    ]
    return notebook.make_notebook(cells)
