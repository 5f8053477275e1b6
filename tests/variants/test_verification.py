"""Every variant through its references and trainings, in a real kernel; it can be resumed."""

from __future__ import annotations

import json

import pytest

from autograder.errors import UsageError
from autograder.notebook import make_code_cell, make_markdown_cell
from autograder.services import Choice
from autograder.variants.record import read_record
from autograder.variants.trial import Plan
from autograder.variants.verification import PLOT_FILE, verify_pool
from tests.assign.conftest import code, question, raw
from tests.variants.conftest import NAME

WRONG = "# Not twice.\n# %% q1\nanswer = 4 * VARIANT['size']\n"
ALWAYS_TEN = "# Right for one size only.\n# %% q1\nanswer = 10\n"


def verify(desk, pool, *, keep=False, **options):
    told: list[str] = []
    plan = Plan(desk.source / "reference", **options)
    services = Choice("fork", "inline").make()
    return verify_pool(pool, services, plan, told.append, keep=keep), told


@pytest.mark.slow
def test_references_are_graded_on_every_variant_once(desk):
    desk.write("reference/full_score/as_it_is.py", "# The solution.\n")
    desk.write("reference/failed/wrong.py", WRONG)
    pool = desk.build(2)
    done, told = verify(desk, pool)
    assert {record.state for record in done.records.values()} == {"verified"}
    assert len(told) == 4
    assert done.equivalence is None  # nothing is trained
    assert verify(desk, pool)[1] == []
    desk.write("reference/failed/wrong.py", WRONG.replace("4", "5"))
    assert len(verify(desk, pool, only=["failed/wrong"])[1]) == 2
    with pytest.raises(UsageError, match="no reference is called failed/none"):
        verify(desk, pool, only=["failed/none"])


def test_a_wrong_reference_that_a_variant_lets_pass_is_named(desk):
    desk.write(
        "assessment.toml",
        'language = "en"\n[variants.parameters]\nsize = { choices = [4, 5, 6] }\nnoise = { choices = [0.1, 0.2] }',
    )
    desk.write("reference/full_score/as_it_is.py", "# The solution.\n")
    desk.write("reference/failed/ten.py", ALWAYS_TEN)
    pool = desk.build(4)
    done, _ = verify(desk, pool)
    assert {item.values["size"] for item in pool.pool.variants} > {5}
    for item in pool.pool.variants:
        record = done.records[item.name]
        assert record.state == ("failed" if item.values["size"] == 5 else "verified")
        assert read_record(pool.folder, item) == record
        if record.state == "failed":
            assert record.reason.startswith("failed/ten scores all 2 points although it is wrong")
    again, told = verify(desk, pool, only=["full_score/as_it_is"])
    assert told == []
    assert again.records == done.records  # a fault stays one, whatever is picked


TRAINING = """
name: q1
points: 4
time_limit: 60s
training: {metric: binary_accuracy, full_marks_at: 0.2, no_marks_below: 0.0, points: 4}
"""
MODEL = """
def build_model():
    # BEGIN SOLUTION
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, activation="sigmoid")])
    # END SOLUTION


def train(model, data):
    # BEGIN SOLUTION
    model.compile(optimizer=keras.optimizers.Adam(0.5), loss="binary_crossentropy")
    return model.fit(data.x, data.y, epochs=3, batch_size=100, verbose=0)
    # END SOLUTION
"""
HARDER = """
from autograder.variants.streams import make_stream
import numpy as np

def make_data(seed, variant):
    made = {}
    for name in ("train", "hidden"):
        stream = make_stream(seed, name)
        x = stream.uniform(-1, 1, (400, 1)).astype("float32")
        y = (x > 0) ^ (stream.uniform(size=x.shape) < variant["flipped"])
        made[name] = {"x": x, "y": y.astype("float32")}
    return made
"""


@pytest.mark.slow
@pytest.mark.training
def test_an_artificially_harder_variant_is_found_named_and_dropped(desk):
    desk.write("data.py", HARDER)
    desk.write(
        "assessment.toml",
        'language = "en"\n[variants]\nmargin = 0.1\ntime_margin = 20\n[variants.parameters]\n'
        "flipped = { choices = [0.0, 0.005, 0.01, 0.4] }\n",
    )
    desk.write("reference/full_score/as_it_is.py", "# The solution.\n")
    desk.save(
        [
            raw("# ASSIGNMENT CONFIG\ntests:\n  ok_format: false"),
            make_markdown_cell("# Sides"),
            make_code_cell("import keras"),
            *question(TRAINING, solution=MODEL),
        ]
    )
    pool = desk.build(4)
    harder = next(item.name for item in pool.pool.variants if item.values["flipped"] == 0.4)
    done, told = verify(desk, pool, seeds=3)
    assert len(told) == 4 * (1 + 3)
    assert list(done.equivalence.dropped) == [harder]
    states = {name: record.state for name, record in done.records.items()}
    assert states.pop(harder) == "dropped"
    assert set(states.values()) == {"verified"}
    misses = {item.variant: item for item in done.misses}
    assert set(misses) == {item.name for item in pool.pool.variants}
    assert max(misses.values(), key=lambda item: item.bound).variant == harder
    assert all(item.full_marks_at == 0.2 for item in misses.values())
    assert "q1 binary_accuracy: -0.3" in done.records[harder].reason
    plot = (pool.folder / PLOT_FILE).read_text("utf-8")
    assert all(item.name in plot for item in pool.pool.variants)
    assert (
        json.loads((pool.folder / "records" / f"{harder}.json").read_text())["state"] == "dropped"
    )
    kept, told = verify(desk, pool, seeds=3, keep=True)
    assert told == []
    assert kept.records[harder].state == "verified"
    assert NAME in plot


FOUR_EPOCHS = '''\
""" # BEGIN TEST CONFIG
hidden: true
points: 1
""" # END TEST CONFIG
def test_four_epochs(history):
    assert len(history.history["loss"]) == 4
'''


@pytest.mark.slow
@pytest.mark.training
def test_a_variant_on_which_the_solution_fails_a_hidden_test_is_not_given_out(desk):
    desk.write("data.py", HARDER)
    desk.write(
        "assessment.toml",
        'language = "en"\n[variants.parameters]\nflipped = { choices = [0.0, 0.005] }\n',
    )
    desk.write("reference/full_score/longer.py", f"# %% q1{MODEL.replace('epochs=3', 'epochs=4')}")
    desk.save(
        [
            raw("# ASSIGNMENT CONFIG\ntests:\n  ok_format: false"),
            make_markdown_cell("# Sides"),
            make_code_cell("import keras"),
            *question(
                TRAINING.replace("points: 4}", "points: 3}"),
                code(FOUR_EPOCHS),
                solution=MODEL,
            ),
        ]
    )
    pool = desk.build(2)
    done, _ = verify(desk, pool, seeds=3)
    for record in done.records.values():
        assert record.state == "failed"
        assert record.reason.startswith("the solution fails q1-1 in 3 of 3 trainings")
    (tests,) = done.failed_tests
    assert (tests.question, tests.failed, tests.runs) == ("q1", 6, 6)
    assert done.equivalence is None
