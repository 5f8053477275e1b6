from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import autograder.calibrate.picture as picture_module
from autograder.calibrate.judge import judge_question
from autograder.calibrate.picture import draw_calibration
from autograder.language import find_templates
from autograder.schema import Question, TrainingSpec
from autograder.schema.calibration import Calibration
from tests.calibrate.test_judge import draw

SVG = "{http://www.w3.org/2000/svg}"


def make(*series, **options):
    full = 0.0 if options.get("lower_is_better") else 1.0
    spec = TrainingSpec(full_marks_at=full, no_marks_below=1 - full, **options)
    question = Question(name="q4", points=1, training=spec)
    found = judge_question(question, "key", 1000, series).found
    return Calibration(assessment="a01_x", measured_at=datetime.now(UTC), questions=(found,))


@pytest.mark.parametrize("lower", [False, True])
def test_bands_follow_the_marks_and_everything_stays_inside(lower):
    right, wrong = (0.2, 0.8) if lower else (0.9, 0.3)
    made = make(
        draw("solution", "reference", right, 0.01),
        draw("failed/<b>&" + "x" * 60, "failed", wrong, 0.02, 5, bounds=True),
        metric="mean_absolute_error" if lower else "accuracy",
        lower_is_better=lower,
    )
    root = ET.fromstring(draw_calibration(made, "en"))
    bands = [item.get("class") for item in root.iter(f"{SVG}rect")][1:]
    assert bands == (["full", "some", "none"] if lower else ["none", "some", "full"])
    width, height = float(root.get("width")), float(root.get("height"))
    for dot in root.iter(f"{SVG}circle"):
        assert 0 <= float(dot.get("cx")) <= width
        assert 0 <= float(dot.get("cy")) <= height
    assert any("<b>&" in "".join(item.itertext()) for item in root.iter(f"{SVG}title"))


def test_every_sentence_of_the_drawing_has_its_korean():
    texts = set()
    for path in (find_templates() / "locale" / "ko").glob("*.po"):
        with path.open("rb") as file:
            texts.update(message.id for message in read_po(file))
    code = Path(picture_module.__file__).read_text("utf-8")
    code += (find_templates() / "calibration" / "calibration.svg.j2").read_text("utf-8")
    asked = re.findall(r'(?:\bsay|\b_)\(\s*"([^"]+)"', code)
    assert len(asked) >= 10
    assert set(asked) <= texts
