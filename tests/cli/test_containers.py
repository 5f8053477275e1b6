"""A real submission graded in containers, both ways, as people type it."""

import json
import os

import pytest

from autograder.errors import UnavailableError
from autograder.sandbox.engine import find_engine
from autograder.sandbox.image import find_image
from tests.cli.test_commands import run, write_master

pytestmark = pytest.mark.container
PATCHES = {"full_score/as_published.py": "# As published.\n"}


@pytest.fixture(scope="module", autouse=True)
def image():
    try:
        return find_image(find_engine())
    except UnavailableError as lacking:
        pytest.skip(str(lacking))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with a bundle, its folder closed to everybody else, and with a difficult name."""
    folder = tmp_path_factory.mktemp("course") / "가을, 1반"
    solution = folder / "solutions" / "a77_small"
    write_master(solution)
    for name, text in PATCHES.items():
        path = solution / "reference" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = run(folder, "assign", "a77_small", "--sandbox", "container")
    assert done.returncode == 0, done.stderr
    content = (folder / "build" / "a77_small" / "solution.ipynb").read_bytes()
    (folder / "kim.ipynb").write_bytes(content)
    (folder / "lee.ipynb").write_bytes(content.replace(b"return 2 * x", b"return 3 * x"))
    folder.chmod(0o700)
    return folder


def grade(course, output, *options):
    uploads = (str(course / "kim.ipynb"), str(course / "lee.ipynb"))
    return run(course, "grade", "a77_small", *uploads, "--output", str(output), *options)


def read(output, name):
    return json.loads((output / name / "result.json").read_text(encoding="utf-8"))


def test_one_container_per_submission(course, tmp_path, image):
    done = grade(course, tmp_path, "--sandbox", "container")
    assert done.returncode == 0, done.stderr
    kim, lee = read(tmp_path, "kim"), read(tmp_path, "lee")
    assert (kim["score"], lee["score"]) == (2.0, 0.0)
    assert kim["environment"]["sandbox"] == "container"
    assert {"container", "network", "cgroup"} <= set(kim["environment"]["walls"])
    assert kim["environment"]["image"] == image.id


def test_the_whole_grader_in_a_container(course, tmp_path, image):
    output = tmp_path / "결과 1"
    done = grade(course, output, "--in-container", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["output"] == str(output)
    assert [result["score"] for result in told["results"]] == [2.0, 0.0]
    kim = read(output, "kim")
    assert kim["environment"]["sandbox"] == "fork"
    assert {"mount", "pid", "network", "seccomp"} <= set(kim["environment"]["walls"])
    assert kim["environment"]["image"] == image.id
    owners = {path.stat().st_uid for path in [output, *output.rglob("*")]}
    assert owners == {os.getuid()}
    assert (course / "kim.ipynb").stat().st_uid == os.getuid()


def test_a_second_run_inside_keeps_what_was_graded(course, tmp_path):
    first = grade(course, tmp_path, "--in-container")
    when = read(tmp_path, "kim")["graded_at"]
    second = grade(course, tmp_path, "--in-container")
    assert (first.returncode, second.returncode) == (0, 0)
    assert read(tmp_path, "kim")["graded_at"] == when


def test_references_are_verified_inside(course):
    done = run(course, "verify", "a77_small", "--in-container", "--json")
    verified = json.loads(done.stdout)[0]
    assert [item["complaints"] for item in verified["references"]] == [[]]
    assert done.returncode == 1  # no wrong reference fails the hidden test: the same as outside


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sandbox", "container"], "leave out one of"),
        (["--walls", "nonsense"], "unknown walls: nonsense"),
    ],
)
def test_wrong_options_are_told_as_outside(course, tmp_path, options, message):
    done = grade(course, tmp_path, "--in-container", *options)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_submission_that_does_not_exist_is_named(course, tmp_path):
    done = run(course, "grade", "a77_small", "none.ipynb", "--in-container")
    assert done.returncode == 2
    assert "none.ipynb" in done.stderr
