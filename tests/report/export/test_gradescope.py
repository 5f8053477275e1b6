"""The zip is run as Gradescope runs an autograder, the CSV read as its own export."""

import io
import json
import re
import subprocess
import sys
import zipfile
from datetime import timedelta

import pytest

from autograder.errors import UsageError
from autograder.report.export import Attempt, RosterFile
from autograder.report.export.gradescope import GradescopeExporter
from tests.report.export.conftest import NOON, read_csv


def export(results, options, **more):
    made = GradescopeExporter().export(results, options(**more))
    return made, made.files["a01_digits-gradescope.csv"], made.files


def start(files, root):
    """Unpack the zip as Gradescope does: `source/`, and `run_autograder` beside it."""
    archive = zipfile.ZipFile(io.BytesIO(files["a01_digits-gradescope-autograder.zip"]))
    archive.extractall(root / "source")
    for name in ("setup.sh", "run_autograder"):
        assert archive.getinfo(name).external_attr >> 16 & 0o111, f"{name} is not executable"
    (root / "run_autograder").write_bytes(archive.read("run_autograder"))


def submit(root, *emails, created=NOON + timedelta(hours=1)):
    """Run it for one submission; gives `results.json`."""
    users = [{"email": email, "id": number, "name": "x"} for number, email in enumerate(emails)]
    metadata = {"id": 1, "created_at": created and created.isoformat(), "users": users}
    (root / "submission_metadata.json").write_text(json.dumps(metadata), "utf-8")
    command = [sys.executable, "-I", "-S", root / "run_autograder"]
    subprocess.run(command, check=True, cwd="/")
    return json.loads((root / "results" / "results.json").read_text("utf-8"))


@pytest.fixture
def root(tmp_path, make_class, options):
    start(export(make_class(), options)[2], tmp_path)
    return tmp_path


def test_each_submitter_gets_their_own_results(root):
    assert submit(root, "seoyeon@SNU.ac.kr")["score"] == 7.125
    assert submit(root, "minsu1@snu.ac.kr")["score"] == 3.0
    assert submit(root, "minsu2@snu.ac.kr")["score"] == 4.0


def test_a_zero_is_a_score(root):
    assert submit(root, "jay@snu.ac.kr")["score"] == 0.0


def test_any_member_of_a_group_brings_the_groups_results(root):
    assert submit(root, "nobody@x.org", "doyun@snu.ac.kr")["score"] == 10.0


@pytest.mark.parametrize("email", ["nobody@x.org", "jiho@snu.ac.kr", ""])
def test_who_has_no_result_gets_no_score_and_a_message(root, email):
    results = submit(root, email)
    assert "score" not in results
    assert "결과가 아직 없습니다" in results["output"]


def test_an_upload_after_the_graded_one_gets_no_score(root):
    latest = {"created": NOON + timedelta(hours=2)}
    assert submit(root, "haeun@snu.ac.kr", **latest)["score"] == 2.25
    newer = submit(root, "haeun@snu.ac.kr", created=NOON + timedelta(hours=3))
    assert "score" not in newer
    assert "나중에" in newer["output"]


def test_the_best_attempt_stands_whatever_was_uploaded_later(tmp_path, make_class, options):
    start(export(make_class(), options, attempt=Attempt.BEST)[2], tmp_path)
    assert submit(tmp_path, "haeun@snu.ac.kr", created=NOON + timedelta(days=9))["score"] == 9.5


def test_unknown_times_do_not_withhold_a_score(root):
    assert submit(root, "minsu1@snu.ac.kr", created=None)["score"] == 3.0


def test_results_follow_gradescopes_form(root):
    results = submit(root, "seoyeon@snu.ac.kr")
    assert "max_score" not in results
    assert results["stdout_visibility"] == "hidden"
    assert all(test["visibility"] == "visible" for test in results["tests"])


def test_the_csv_has_the_columns_of_gradescopes_own_export(make_person, options):
    result = make_person("김서연", 7.5, platform_id="2025-1", email="s@x.org", attempt=2)
    _, content, _ = export([result], options)
    head, row = read_csv(content)
    values = dict(zip(head, row, strict=True))
    assert values == {
        "Name": "김서연",
        "SID": "2025-1",
        "Email": "s@x.org",
        "Total Score": "7.5",
        "Max Points": "10",
        "Status": "Graded",
        "Submission ID": "",
        "Submission Time": "2026-11-22 14:00:00 +0000",
        "Submission Count": "2",
        "1: q1 (10.0 pts)": "7.5",
    }
    assert re.fullmatch(r"\d+: \S+ \([\d.]+ pts\)", head[-1])


def test_who_has_no_address_is_in_the_csv_and_told(make_person, options):
    made, content, files = export([make_person("김서연")], options)
    assert len(read_csv(content)) == 2
    assert list(files) == ["a01_digits-gradescope.csv"]
    assert "김서연" in made.notes[0]


def test_a_roster_is_refused_since_it_would_have_no_effect(make_person, options):
    with pytest.raises(UsageError, match="--roster"):
        export([make_person("a")], options, roster=RosterFile("x", b"x"))
