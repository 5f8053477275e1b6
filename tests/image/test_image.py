"""How the image is made, without an engine: wheel, recipes, hashes, errors; and who runs inside."""

import io
import json
import stat
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from autograder.errors import GraderError, UnavailableError, UsageError
from autograder.image import base, build, ownership, wheelhouse, worker
from autograder.image.wheel import make_wheel
from autograder.language import find_templates
from autograder.sandbox.engine import Engine
from autograder.sandbox.image import CODE_LABEL, DEFAULT_TAG, Image, find_image, hash_code

DOCKER = Engine("/usr/bin/docker", "docker")
IMAGE = Image("keras-autograder:1", "sha256:" + "a" * 64, 1)


def make_engine(folder, text):
    """An engine whose program is a shell script; `$1` is its command."""
    path = folder / "podman"
    path.write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return Engine(str(path), "podman")


# Ourselves as a wheel


def test_the_wheel_holds_code_templates_and_entry_points(tmp_path):
    with zipfile.ZipFile(make_wheel(tmp_path)) as archive:
        names = set(archive.namelist())
        info = f"keras_autograder-{version('keras-autograder')}.dist-info"
        points = archive.read(f"{info}/entry_points.txt").decode()
        record = archive.read(f"{info}/RECORD").decode()
    assert {"autograder/pipeline.py", "autograder/templates/image/seccomp.json"} <= names
    assert "autograder.sandbox.container:ContainerSandbox" in points
    assert {line.split(",")[0] for line in record.splitlines()} == names
    assert not [name for name in names if name.endswith(".pyc")]


def test_the_same_files_give_the_same_wheel(tmp_path):
    (tmp_path / "again").mkdir()
    assert make_wheel(tmp_path).read_bytes() == make_wheel(tmp_path / "again").read_bytes()


def test_pip_takes_the_wheel(tmp_path):
    from packaging.utils import parse_wheel_filename

    name, _, _, _ = parse_wheel_filename(make_wheel(tmp_path).name)
    assert name == "keras-autograder"


# The packages


def test_the_image_gets_the_versions_that_are_installed_here():
    assert f"keras=={version('keras')}" in wheelhouse.list_versions()
    assert not [line for line in wheelhouse.list_versions() if line.startswith("keras-autograder")]


def test_what_only_developers_need_is_left_out():
    assert any(line.startswith("tensorflow") for line in wheelhouse.list_requirements())
    assert not [line for line in wheelhouse.list_requirements() if line.startswith("pytest")]


def test_what_pip_complains_of_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(wheelhouse, "list_requirements", lambda: ["no such thing"])
    with pytest.raises(GraderError, match=r"could not get the packages .*[Ii]nvalid requirement"):
        wheelhouse.fill_wheelhouse(tmp_path, "3.11")


def test_another_python_needs_wheels_that_exist(tmp_path):
    assert "download" in wheelhouse._choose_command(tmp_path, "3.99")


# The recipes


def test_recipes_are_rendered_with_their_base_and_the_user_is_not_root():
    packages = build._render("packages", base="sha256:1", python="3.11", left_out=["clang"])
    ours = build._render(
        "autograder", packages="p:1", python="3.11", wheel="w.whl", labels={CODE_LABEL: "9"}
    )
    assert "FROM sha256:1\n" in packages
    assert "--no-index" in packages
    assert "rm -rf clang" in packages
    assert "FROM p:1\n" in ours
    assert f"LABEL {CODE_LABEL}=9\n" in ours
    assert "USER 65534:65534" in ours


def test_no_recipe_names_a_registry():
    for path in (find_templates() / "image").iterdir():
        assert "://" not in path.read_text(encoding="utf-8")


# Finding images


def test_without_an_image_the_next_step_is_named(tmp_path):
    with pytest.raises(UnavailableError, match=f"no image {DEFAULT_TAG}; .*image build"):
        find_image(make_engine(tmp_path, "exit 1"))


@pytest.mark.parametrize("code", ["", "0123456789abcdef"])
def test_an_image_with_other_code_is_refused(tmp_path, code):
    labels = {CODE_LABEL: code}
    answer = json.dumps([{"Id": "b" * 64, "Size": 5, "Config": {"Labels": labels}}])
    with pytest.raises(UnavailableError, match="another version of the grader"):
        find_image(make_engine(tmp_path, f"echo '{answer}'"))


def test_an_image_with_our_code_is_found_with_its_id(tmp_path):
    labels = {CODE_LABEL: hash_code()}
    answer = json.dumps([{"Id": "b" * 64, "Size": 5, "Config": {"Labels": labels}}])
    found = find_image(make_engine(tmp_path, f"echo '{answer}'"), "mine:2")
    assert (found.tag, found.id, found.size_bytes) == ("mine:2", "sha256:" + "b" * 64, 5)
    assert found.short_id == "sha256:" + "b" * 12


def test_a_base_that_cannot_be_pulled_leads_to_the_debian_one(tmp_path):
    with pytest.raises(UsageError, match=r"python:9 cannot be had .*--base debian"):
        base.find_base(make_engine(tmp_path, "exit 1"), "python:9")


def test_a_base_with_an_old_python_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"has Python 3\.9; 3\.11 or later"):
        base.find_python(make_engine(tmp_path, "echo 3.9"), IMAGE)


def test_without_mmdebstrap_the_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="apt-get install mmdebstrap"):
        base.find_base(make_engine(tmp_path, "exit 1"), base.DEBIAN)


# A grader inside


def make_worker(engine=DOCKER, shown=(), caller=None):
    caller = caller or ownership.Caller(1000, 1000, ("--user", "1000:1000"))
    return worker.make_worker_command(engine, IMAGE, "n", shown, caller)


def test_a_grader_inside_has_no_network_and_no_capability():
    text = " ".join(make_worker())
    for option in (
        "--network none",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--read-only",
        "--user 1000:1000",
        "--pull never",
    ):
        assert option in text
    assert "--cap-add" not in text
    assert "--privileged" not in text
    assert f"AUTOGRADER_INSIDE_IMAGE={IMAGE.id}" in text


def test_only_the_output_can_be_written(tmp_path):
    shown = (
        worker.Shown(tmp_path / "in", tmp_path / "in"),
        worker.Shown(tmp_path / "out", tmp_path / "out", writable=True),
    )
    command = make_worker(shown=shown)
    mounts = [command[place + 1] for place, word in enumerate(command) if word == "--mount"]
    assert [mount.endswith(",readonly") for mount in mounts] == [True, False]


@pytest.mark.parametrize("name", ["a,b", 'a"b', "가 나", "a:b"])
def test_paths_of_any_form_can_be_mounted(name):
    import csv

    text = worker.write_mount(worker.Shown(Path("/x", name), Path("/y", name)))
    assert next(csv.reader(io.StringIO(text))) == [
        "type=bind",
        f"source=/x/{name}",
        f"target=/y/{name}",
        "readonly",
    ]


def test_the_seccomp_profile_allows_what_inner_walls_are_made_of_and_refuses_the_rest():
    profile = json.loads((find_templates() / "image" / "seccomp.json").read_text())
    refused = {name for rule in profile["syscalls"] for name in rule["names"]}
    assert not refused & {"clone", "mount", "umount2", "pivot_root", "mount_setattr", "seccomp"}
    assert {"bpf", "keyctl", "io_uring_setup", "ptrace", "kexec_load", "setns"} <= refused
    assert profile["defaultAction"] == "SCMP_ACT_ALLOW"


@pytest.mark.parametrize(
    ("rootless", "flavour", "uid", "user"),
    [
        (False, "docker", 1000, "1000:1000"),
        (False, "podman", 0, "64000:64000"),
        (True, "podman", 1000, "1000:1000"),
        (True, "docker", 1000, "0:0"),
    ],
)
def test_what_is_written_belongs_to_the_caller(monkeypatch, rootless, flavour, uid, user):
    monkeypatch.setattr("os.getuid", lambda: uid)
    monkeypatch.setattr("os.getgid", lambda: uid)
    caller = ownership.identify_caller(Engine("x", flavour, rootless=rootless))
    assert caller.options[-1] == user
    assert caller.is_service == (uid == 0)
    assert ("--userns" in caller.options) == (rootless and flavour == "podman")


def test_a_path_that_does_not_exist_is_named_before_anything_starts(tmp_path):
    options = worker.InsideOptions((tmp_path / "none.ipynb",))
    caller = ownership.Caller(1, 1, ())
    with (
        pytest.raises(UsageError, match=r"none\.ipynb: there is no such file"),
        worker._show_folders(options, caller),
    ):
        pass


def test_copies_keep_what_is_in_a_folder(tmp_path):
    import os

    source = tmp_path / "course"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "a.txt").write_text("1")
    (tmp_path / "one.ipynb").write_text("2")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    caller = ownership.Caller(os.getuid(), os.getgid(), ())
    folder, file = ownership.stage_copies([source, tmp_path / "one.ipynb"], scratch, caller)
    assert (folder / "deep" / "a.txt").read_text() == "1"
    assert file.read_text() == "2"
