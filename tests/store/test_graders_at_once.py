"""Several graders, some of them killed, on one store: nothing is lost and nothing doubled."""

import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

from tests.store.saving import SUBMISSIONS

ROOT = Path(__file__).parents[2]
SAVES = 150


def start(what, place, *numbers):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.saving", what, place.url, place.artifacts]
        + [str(number) for number in numbers],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def gather(store):
    """Every grading of every submission, and the scores that count."""
    histories = {f"s{n}": store.history(f"s{n}") for n in range(SUBMISSIONS)}
    kept = [one for history in histories.values() for one in history]
    return kept, {name: [o.result.score for o in h if o.current] for name, h in histories.items()}


def test_two_processes_lose_no_update(place):
    graders = [start("save", place, first, SAVES) for first in (0, SAVES)]
    reported = [grader.communicate()[0].split() for grader in graders]
    assert [grader.returncode for grader in graders] == [0, 0]
    assert [len(lines) for lines in reported] == [SAVES, SAVES]
    kept, current = gather(place.open())
    assert Counter(one.result.score for one in kept) == Counter(map(float, range(2 * SAVES)))
    last = 2 * SAVES - SUBMISSIONS
    assert current == {f"s{n}": [float(last + n)] for n in range(SUBMISSIONS)}


def test_threads_of_one_process_lose_no_update(place):
    from tests.store.saving import save_one

    store, saved = place.open(), []

    def save(first):
        for number in range(first, 60, 6):
            save_one(store, number, saved.append)

    threads = [threading.Thread(target=save, args=(first,)) for first in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept, current = gather(store)
    assert Counter(one.result.score for one in kept) == Counter(map(float, range(60)))
    assert current == {f"s{n}": [float(50 + n)] for n in range(SUBMISSIONS)}
    assert len(saved) == 60


def test_killed_graders_lose_nothing_and_double_nothing(place):
    place.open()
    killing = start("kill", place, 25, 7)
    reported = [float(line) for line in killing.communicate()[0].split()]
    assert killing.returncode == 0
    assert len(reported) > 25
    store = place.open()
    kept, current = gather(store)
    counted = Counter(one.result.score for one in kept)
    assert set(reported) <= set(counted)
    assert set(counted.values()) == {1}
    for name, scores in current.items():
        history = store.history(name)
        assert scores == [max(one.result.score for one in history)]
        for artifact in ("executed.ipynb", "submitted.ipynb"):
            for one in history:
                assert store.read_artifact(name, artifact, one.id) is not None
