"""Attacks the grader with everything there is, and prints what came of it: `make hostile`.

Exit code 1 if any attack succeeded.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from autograder.cli.console import count_progress
from tests.hostile.attack import GROUPS, Attack, list_attacks
from tests.hostile.ordinary import UID, make_command
from tests.hostile.otter_run import OtterRun
from tests.hostile.scene import Scene, Trial
from tests.hostile.table import print_table


def main() -> int:
    """Run the attacks that the command line asks for."""
    options = _read_options()
    if options.as_user and os.getuid() == 0:
        return _run_as_user()
    attacks = [attack for attack in list_attacks() if _is_chosen(attack, options.words)]
    with tempfile.TemporaryDirectory(prefix="hm-") as place:
        folder = Path(place)
        trials, targets = _attack(attacks, options.sandbox, folder / "ours")
        otter: dict[str, str] = {}
        if not options.without_otter and os.getuid() == 0:
            otter = _run_otter(attacks, folder / "otter", targets, options.workers)
    who = "root" if os.getuid() == 0 else "an ordinary user"
    print_table(trials, otter, f"{len(attacks)} attacks on `{options.sandbox}`, graded by {who}")
    succeeded = sum(bool(trial.harms) for trial in trials)
    print(f"hostile: {succeeded} of {len(trials)} succeeded")
    return 1 if succeeded else 0


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("words", nargs="*", help=f"groups ({', '.join(GROUPS)}) or parts of names")
    parser.add_argument("--sandbox", default="fork", help="fork (default) or container")
    parser.add_argument("--as-user", action="store_true", help="the grader is an ordinary user")
    parser.add_argument("--without-otter", action="store_true", help="leave that column out")
    parser.add_argument("--workers", type=int, default=2, help="runs of otter at a time")
    options = parser.parse_args()
    if options.sandbox == "process":
        parser.error("`process` has no walls: these attacks would reach this machine")
    return options


def _is_chosen(attack: Attack, words: Sequence[str]) -> bool:
    return not words or any(word in str(attack) for word in words)


def _attack(
    attacks: Sequence[Attack], sandbox: str, folder: Path
) -> tuple[list[Trial], dict[str, object]]:
    folder.mkdir()
    trials = []
    with closing(Scene(sandbox, folder)) as scene, count_progress("attacks", len(attacks)) as bar:
        for attack in attacks:
            last = not trials or trials[-1].attack.group != attack.group
            honest_after = last or attack.group == "exhaust"
            trials.append(scene.try_attack(attack, honest_after=honest_after))
            bar.advance(str(attack))
        return trials, scene.targets


def _run_otter(
    attacks: Sequence[Attack], folder: Path, targets: dict[str, object], workers: int
) -> dict[str, str]:
    folder.mkdir()
    folder.parent.chmod(0o755)
    run = OtterRun(folder, targets)
    with ThreadPoolExecutor(workers) as pool, count_progress("otter run", len(attacks)) as bar:
        waiting = {
            str(attack): pool.submit(run.score, attack, number)
            for number, attack in enumerate(attacks)
        }
        found = {}
        for name, future in waiting.items():
            found[name] = future.result()
            bar.advance(name)
        return found


def _run_as_user() -> int:
    """This command again, as an ordinary user with a home of its own."""
    with tempfile.TemporaryDirectory(prefix="hm-", suffix="-home") as home:
        os.chown(home, UID, UID)
        words = ["env", f"HOME={home}", f"TMPDIR={home}", sys.executable, "-m", "tests.hostile"]
        return subprocess.run(make_command([*words, *sys.argv[1:]])).returncode


if __name__ == "__main__":
    sys.exit(main())
