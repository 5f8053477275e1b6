"""A grader of the tests: saves results into a store, and says so after each.

python -m tests.store.saving save URL ARTIFACTS FIRST COUNT
    saves COUNT results of ten submissions, each a second after the last.
python -m tests.store.saving kill URL ARTIFACTS RUNS SEED
    ends RUNS such graders at a random moment; prints what they reported saved.
"""

import os
import random
import signal
import sys
import time
from itertools import count

from autograder.store import open_sql_store
from tests.store.making import ASSESSMENT, make_result

SUBMISSIONS = 10


def make_numbered(number):
    """The `number`-th result; its score tells which it is."""
    return make_result(f"s{number % SUBMISSIONS}", float(number), minutes=number / 60)


def save_one(store, number, say):
    made = {"executed.ipynb": b"%d" % number, "submitted.ipynb": b"%d" % (number % 3)}
    store.save(make_numbered(number), made)
    say(f"{number}\n".encode())


def kill_grader(url, artifacts, first, chosen):
    """Number of each result that one grader reported saved before it was killed.

    One in four is killed while it opens the store, the others after some saves.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        store = open_sql_store(url, artifacts, ASSESSMENT)
        for number in count(first):
            save_one(store, number, lambda text: os.write(writer, text))
    os.close(writer)
    with os.fdopen(reader, "rb", buffering=0) as reported:
        text = b""
        if chosen.random() < 0.25:
            time.sleep(chosen.uniform(0, 0.1))
        else:
            text = b"".join(reported.readline() for _ in range(chosen.randint(1, 4)))
            time.sleep(chosen.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        text += reported.read()
    return [int(line) for line in text.split()]


def main(what, url, artifacts, first, number):
    if what == "save":
        with open_sql_store(url, artifacts, ASSESSMENT) as store:
            for one in range(int(first), int(first) + int(number)):
                save_one(store, one, lambda text: os.write(1, text))
        return
    chosen = random.Random(int(number))
    with open_sql_store(url, artifacts, ASSESSMENT) as store:  # imports all, once
        list(store.results())
    for run in range(int(first)):
        for saved in kill_grader(url, artifacts, run * 10_001, chosen):
            print(saved)


if __name__ == "__main__":
    main(*sys.argv[1:])
