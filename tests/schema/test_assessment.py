"""`assessment.toml`: every key has a default, and every wrong one is reported."""

from datetime import UTC, datetime

import pytest

from autograder.errors import AuthoringError
from autograder.schema import AssessmentConfig, Range, Visibility, read_assessment_config


def read(tmp_path, text):
    path = tmp_path / "assessment.toml"
    path.write_text(text, encoding="utf-8")
    return read_assessment_config(path)


def problems_of(tmp_path, text):
    with pytest.raises(AuthoringError) as caught:
        read(tmp_path, text)
    return [str(problem) for problem in caught.value.problems]


def test_a_missing_file_means_every_default(tmp_path):
    assert read_assessment_config(tmp_path / "assessment.toml") == AssessmentConfig()


def test_an_empty_file_means_every_default(tmp_path):
    assert read(tmp_path, "") == AssessmentConfig()


def test_what_is_written_is_read(tmp_path):
    config = read(
        tmp_path,
        """
title = "합성곱 신경망"
language = "ko"
editions = ["en"]
due = 2026-03-11T23:59:00+09:00
late = { percent_per_day = 10, days = 3 }
[limits]
memory_mib = 2048
network = true
[data]
public = ["train", "validation"]
seed = 7
[variants.parameters]
noise = { range = [0.1, 0.2] }
[visibility]
hidden_tests = "after_published"
score = false
""",
    )
    assert config.title == "합성곱 신경망"
    assert config.due.astimezone(UTC) == datetime(2026, 3, 11, 14, 59, tzinfo=UTC)
    assert (config.late.percent_per_day, config.late.days) == (10, 3)
    assert (config.limits.memory_mib, config.limits.wall_seconds) == (2048, 900)
    assert config.data.public == ("train", "validation")
    assert config.variants.parameters == {"noise": Range(range=(0.1, 0.2))}
    assert config.visibility.hidden_tests is Visibility.AFTER_PUBLISHED
    assert AssessmentConfig.model_validate_json(config.model_dump_json()) == config


def test_every_problem_is_listed_with_its_key(tmp_path):
    found = problems_of(
        tmp_path,
        'titel = "x"\nlanguage = "fr"\n[limits]\nmemory_mib = 1\nwall_seconds = "long"\n[late]\ndays = -1\n[data]\nsecret = 1\n',
    )
    assert len(found) == 6
    for key in (
        "`titel`",
        "`language`",
        "`limits.memory_mib`",
        "`limits.wall_seconds`",
        "`late.days`",
        "`data.secret`",
    ):
        assert sum(key in problem for problem in found) == 1
    assert all(problem.startswith("assessment.toml: key ") for problem in found)


def test_an_unknown_key_is_told_which_there_are(tmp_path):
    (problem,) = problems_of(tmp_path, 'titel = "x"')
    assert "top-level keys are title, language," in problem


def test_what_is_no_toml_is_told(tmp_path):
    (problem,) = problems_of(tmp_path, "title = ")
    assert problem.startswith("assessment.toml: is not valid TOML (")


def test_a_file_of_another_encoding_is_an_error_that_names_it(tmp_path):
    path = tmp_path / "assessment.toml"
    path.write_bytes('title = "손글씨"\n'.encode("cp949"))
    with pytest.raises(AuthoringError, match=r"assessment\.toml: is not valid TOML \('utf-8'"):
        read_assessment_config(path)


def test_a_config_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        AssessmentConfig().title = "x"
