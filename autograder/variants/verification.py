"""From trials to a pool that may be used: which variants are sound, and which are equally hard."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from autograder.errors import UsageError
from autograder.report.writer import write_whole
from autograder.schema import Bundle, Question
from autograder.services import Services
from autograder.variants.equivalence import (
    LEAST_SEEDS,
    Equivalence,
    Measure,
    explain,
    find_equivalent,
)
from autograder.variants.misses import FailedTests, Misses, bound_failed_tests, bound_misses
from autograder.variants.plot import draw_equivalence
from autograder.variants.pool import Built, PoolFolder
from autograder.variants.record import Record, Run, write_record
from autograder.variants.trial import Plan, PoolTrial, hash_reference, list_trainings
from autograder.verify import Expected, Reference

PLOT_FILE = "equivalence.svg"
_FIFTH = 0.2


@dataclass(frozen=True)
class Verification:
    """What became of the pool.

    Attributes:
        records: by variant, with their new states.
        equivalence: None where nothing is trained, or fewer than two variants are sound.
        misses: of the full mark of each training, on each variant that is compared.
        failed_tests: by the solution, of each question that is trained.
    """

    records: Mapping[str, Record]
    equivalence: Equivalence | None
    misses: tuple[Misses, ...] = ()
    failed_tests: tuple[FailedTests, ...] = ()


def verify_pool(
    pool: PoolFolder, services: Services, plan: Plan, observe: Callable[[str], None], *, keep: bool
) -> Verification:
    """Grade what is not known yet, decide on every variant, and draw how alike they are.

    Args:
        pool: the variants.
        services: where the work is done.
        plan: what to grade on each.
        observe: told what was graded.
        keep: whether variants that are not equally hard stay in use all the same.

    Raises:
        AuthoringError: with what is wrong with the references.
        UsageError: if a variant was trained too rarely, or a reference is unknown.
    """
    trial = PoolTrial(pool, services, plan)
    variants = pool.pool.variants
    trial.run(variants, observe)
    wanted = {item.name: trial.list_wanted(item) for item in variants}
    done = settle_pool(pool, trial.records, wanted, keep=keep)
    if done.equivalence is not None and done.equivalence.rows:
        title = f"{pool.pool.assessment}: are {len(variants)} variants equally hard?"
        write_whole(pool.folder / PLOT_FILE, draw_equivalence(done.equivalence, title))
    return done


def settle_pool(
    pool: PoolFolder,
    records: Mapping[str, Record],
    wanted: Mapping[str, Sequence[Reference]],
    *,
    keep: bool,
) -> Verification:
    """Decide on every variant, and write it down.

    Args:
        pool: the variants.
        records: what was found of each.
        wanted: the references that each was to be tried with.
        keep: whether variants that are not equally hard stay in use all the same.

    Raises:
        UsageError: if a variant was trained too rarely to be compared.
    """
    settled = {}
    for variant in pool.pool.variants:
        record = records[variant.name]
        reason = find_fault(record, wanted[variant.name])
        state = "failed" if reason else "verified"
        settled[variant.name] = record.model_copy(update={"state": state, "reason": reason})
    bundle = pool.bundle_of(pool.pool.variants[0].name)
    trainings = list_trainings(bundle)
    sound = [item for item in pool.pool.variants if settled[item.name].state == "verified"]
    equivalence, misses = None, tuple[Misses, ...]()
    if trainings and len(sound) > 1:
        equivalence = find_equivalent(_measure(bundle.bundle, trainings, sound, settled))
        misses = tuple(_list_misses(trainings, sound, settled))
        for name, row in equivalence.dropped.items():
            update = {"state": "verified" if keep else "dropped", "reason": explain(row)}
            settled[name] = settled[name].model_copy(update=update)
    for name, record in settled.items():
        write_record(pool.folder, name, record)
    runs = chain.from_iterable(record.runs for record in settled.values())
    return Verification(settled, equivalence, misses, tuple(bound_failed_tests(runs)))


def find_fault(record: Record, wanted: Sequence[Reference]) -> str:
    """Why a variant may not be used; empty where its references are all right."""
    for reference in wanted:
        found = record.references.get(reference.key)
        if found is None or found.digest != hash_reference(reference):
            return f"{reference.key} was not graded"
        if found.complaints:
            return f"{reference.key} {found.complaints[0]}"
    if not any(reference.expected is Expected.FULL_SCORE for reference in wanted):
        return "no reference in full_score/ was graded"
    unmeasured = [run for run in record.runs if run.value is None]
    if unmeasured:
        return f"the solution of {unmeasured[0].question} has no metric; verify it again"
    unlucky = Counter(name for run in record.runs for name in run.failed)
    if unlucky:
        seeds = len({run.seed for run in record.runs})
        told = ", ".join(f"{name} in {n} of {seeds} trainings" for name, n in unlucky.items())
        return f"the solution fails {told}, so a right answer may, too"
    return ""


def _measure(
    bundle: Bundle,
    trainings: Iterable[Question],
    sound: Sequence[Built],
    records: Mapping[str, Record],
) -> list[Measure]:
    """Metric and time of each training, by variant."""
    measures = []
    config = bundle.config.variants
    for question in trainings:
        runs = _list_runs(question, sound, records)
        few = min(map(len, runs.values()))
        if few < LEAST_SEEDS:
            step = f"measure with `--seeds {LEAST_SEEDS}` or more"
            raise UsageError(
                f"{bundle.assessment}: {question.name} was trained {few} times; {step}"
            )
        spec = question.training
        assert spec is not None
        margin = config.margin or _FIFTH * abs(spec.full_marks_at - spec.no_marks_below)
        values = _list_values(runs)
        measures.append(Measure(f"{question.name} {spec.metric_name}", margin, values))
        seconds = {name: [_log(run.seconds) for run in own] for name, own in runs.items()}
        margin = math.log1p(config.time_margin)
        measures.append(Measure(f"{question.name} time", margin, seconds, is_ratio=True))
    return measures


def _list_misses(
    trainings: Iterable[Question], sound: Sequence[Built], records: Mapping[str, Record]
) -> Iterator[Misses]:
    """How often a right solution misses the full mark of each training, by variant."""
    for question in trainings:
        spec = question.training
        assert spec is not None
        values = _list_values(_list_runs(question, sound, records))
        mark, lower = spec.full_marks_at, spec.lower_is_better
        yield from bound_misses(question.name, values, mark, lower_is_better=lower)


def _list_runs(
    question: Question, sound: Sequence[Built], records: Mapping[str, Record]
) -> dict[str, list[Run]]:
    return {
        item.name: [run for run in records[item.name].runs if run.question == question.name]
        for item in sound
    }


def _list_values(runs: Mapping[str, Sequence[Run]]) -> dict[str, list[float]]:
    return {name: [run.value or 0.0 for run in own] for name, own in runs.items()}


def _log(seconds: float) -> float:
    return math.log(max(seconds, 0.01))
