"""From the runs of a calibration to `calibration.json` and its drawing."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime

from autograder.assign.release import Release
from autograder.bulk.campaign import Campaign
from autograder.calibrate.check import Checked, check_question
from autograder.calibrate.judge import judge_question
from autograder.calibrate.machine import describe_machine
from autograder.calibrate.picture import draw_calibration
from autograder.course import Course
from autograder.errors import AuthoringError, Problem, UsageError
from autograder.report.writer import write_text
from autograder.schema import Question, read_assessment_config
from autograder.schema.calibration import (
    CALIBRATION_FILE,
    CALIBRATION_PICTURE,
    Calibration,
    read_calibration,
)


def judge_campaign(campaign: Campaign) -> tuple[Calibration, list[Problem]]:
    """What follows from the runs, and why it cannot be used; no problem where it can."""
    release = campaign.release
    judged = [
        judge_question(
            question,
            release.measured_keys[question.name],
            _count_hidden(release, question),
            campaign.list_series(question.name),
        )
        for question in release.bundle.questions
        if question.name in release.measured_keys
    ]
    calibration = Calibration(
        assessment=release.bundle.assessment,
        bundle=release.bundle.content,
        measured_at=datetime.now(UTC),
        machine=describe_machine(),
        questions=tuple(item.found for item in judged),
    )
    return calibration, [problem for item in judged for problem in item.problems]


def check_calibration(course: Course, campaign: Campaign) -> list[Checked]:
    """Fresh runs against the thresholds that the master uses.

    Raises:
        UsageError: if there are none, or they were measured on something else.
    """
    release = campaign.release
    name = release.bundle.assessment
    known = read_known(course, name)
    checked = []
    for question, key in release.measured_keys.items():
        found = known.find(question)
        if found is None or found.key != key:
            raise UsageError(
                f"{name}: {question} changed since; run `autograder calibrate {name}` first"
            )
        checked.append(check_question(found, campaign.list_series(question)))
    return [item for item in checked if item is not None]


def read_known(course: Course, assessment: str) -> Calibration:
    """The calibration of an assessment.

    Raises:
        UsageError: if there is none.
        AuthoringError: if it cannot be read.
    """
    known = read_calibration(course.folder / "solutions" / assessment)
    if known is None:
        step = f"run `autograder calibrate {assessment}` first"
        raise UsageError(f"{assessment} has no {CALIBRATION_FILE} to check; {step}")
    return known


def find_fresh_seed(calibration: Calibration) -> int:
    """The first seed after all that it used."""
    series = [item for question in calibration.questions for item in question.series]
    return 1 + max((run.seed for item in series for run in item.runs), default=-1)


def _count_hidden(release: Release, question: Question) -> int:
    """Hidden examples that the question's training is measured on."""
    import numpy as np  # noqa: PLC0415 - not needed for help

    spec = question.training
    if spec is None or spec.evaluate not in release.hidden_files:
        return 0
    with np.load(io.BytesIO(release.hidden_files[spec.evaluate]), allow_pickle=False) as arrays:
        return len(arrays["y"])


def keep_calibration(
    course: Course, calibration: Calibration, problems: Sequence[Problem]
) -> Calibration:
    """Write a calibration and its drawing beside the master.

    Raises:
        AuthoringError: if there are problems; then only the drawing is written, into `build/`.
    """
    name = calibration.assessment
    config = read_assessment_config(course.folder / "solutions" / name / "assessment.toml")
    picture = draw_calibration(calibration, config.language)
    folder = course.folder / ("build" if problems else "solutions") / name
    drawing = write_text(folder / CALIBRATION_PICTURE, picture)
    if problems:
        raise AuthoringError([*problems, Problem(str(drawing), "shows the runs", "look at it")])
    write_text(folder / CALIBRATION_FILE, calibration.model_dump_json(indent=1) + "\n")
    return calibration
