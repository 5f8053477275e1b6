"""How much sooner `autograder calibrate --runs 30` is done than 30 cold runs of the reference.

A cold run is what staff do without it: a fresh process that imports TensorFlow, runs the solution's
cells, trains, and measures on the hidden data, one after the other, with all cores. A sample of
them is measured and scaled up; both sides run on the same machine in the same run. References are
left out of both: `--right-runs 0 --wrong-runs 0`.

Run with `make bench NAME=calibrate`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from autograder.assign import build_release, publish_release
from autograder.notebook import OUR_METADATA, code_cells, parse_notebook, source_of
from autograder.schema.calibration import read_calibration
from benchmarks.figures import find, report, time_command

ROOT = Path(__file__).parent.parent
COLD = """
import json, sys
from types import SimpleNamespace
seed = int(sys.argv[1])
import keras
import numpy as np
for source in json.load(open("cells.json")):
    exec(source, globals())
spec = json.load(open("training.json"))
given = SimpleNamespace(**np.load(f"data/{spec['data']}.npz"))
hidden = np.load("hidden.npz")
keras.utils.set_random_seed(seed)
model = globals()[spec["build"]]()
globals()[spec["train"]](model, given)
inputs = globals()[spec["preprocess"]](hidden["x"]) if spec["preprocess"] else hidden["x"]
print(float((model.predict(inputs, verbose=0).argmax(-1) == hidden["y"]).mean()))
"""


def prepare_cold(course: Path, assessment: str, folder: Path) -> None:
    """Write what a cold run needs: the solution's cells, the data, how it is trained."""
    release = build_release(course, assessment, calibrating=True)
    publish_release(release, folder / "built")
    spec = next(item.training for item in release.bundle.questions if item.training)
    cells = [
        source_of(cell)
        for _, cell in code_cells(parse_notebook(release.solution))
        if cell.metadata[OUR_METADATA]["role"] in ("setup", "answer")
    ]
    built = folder / "built" / "build" / assessment / "bundle"
    shutil.copytree(built / "public", folder, dirs_exist_ok=True)
    shutil.copy(built / "hidden" / f"{spec.evaluate}.npz", folder / "hidden.npz")
    (folder / "cells.json").write_text(json.dumps(cells), encoding="utf-8")
    (folder / "training.json").write_text(spec.model_dump_json(), encoding="utf-8")
    (folder / "cold.py").write_text(COLD, encoding="utf-8")


def measure(assessment: str, runs: int, sample: int) -> bool:
    """Run both sides; whether calibrating is quick enough."""
    with tempfile.TemporaryDirectory(prefix="bench-calibrate-") as scratch:
        course, cold = Path(scratch) / "course", Path(scratch) / "cold"
        solution = course / "solutions" / assessment
        shutil.copytree(ROOT / "solutions" / assessment, solution)
        cold.mkdir()
        prepare_cold(course, assessment, cold)
        taken = [
            time_command([sys.executable, "cold.py", str(seed)], cold) for seed in range(sample)
        ]
        options = ["--runs", str(runs), "--right-runs", "0", "--wrong-runs", "0"]
        seconds = time_command([find("autograder"), "calibrate", assessment, *options], course)
        found = read_calibration(solution)
        assert found is not None
    each = statistics.mean(taken)
    print(f"calibrate: {sample} cold runs take {min(taken):.1f} to {max(taken):.1f} s each")
    print(f"calibrate: {runs} of them, scaled up from {sample}: {each * runs:.0f} s")
    print(f"calibrate: autograder calibrate --runs {runs}: {seconds:.0f} s")
    for question in found.questions:
        if question.thresholds is not None:
            mean, sd = question.thresholds.mean, question.thresholds.sd
            print(f"calibrate: {question.name} reaches {mean:.4f}, SD {sd:.4f}")
    return report("calibrate", "times_faster", each * runs / seconds, ">= 3")


def main() -> None:
    """Measure, and exit with 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assessment", default="a01_digits")
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--sample", type=int, default=5, help="cold runs that are measured")
    given = parser.parse_args()
    sys.exit(0 if measure(given.assessment, given.runs, given.sample) else 1)


if __name__ == "__main__":
    main()
