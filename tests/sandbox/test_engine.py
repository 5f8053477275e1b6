"""An engine is taken only if it answers; what is wrong with the others is said."""

import stat

import pytest

from autograder.errors import SandboxError, UnavailableError
from autograder.sandbox.engine import Engine, ask_engine, find_engine, list_runtimes

PODMAN = """
case "$1" in
  --version) echo "podman version 4.9.3" ;;
  info) echo '{"host": {"security": {"rootless": true}}}' ;;
  *) echo "no $1 here" >&2; exit 125 ;;
esac
"""
DOCKER = """
case "$1" in
  --version) echo "Docker version 28.2.2, build e6534b4" ;;
  info) echo '{"SecurityOptions": ["name=seccomp,profile=builtin"]}' ;;
esac
"""
DOCKER_ALONE = """
[ "$1" = --version ] && { echo "Docker version 28.2.2"; exit 0; }
echo "Cannot connect to the Docker daemon. Is it running?" >&2; exit 1
"""


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Puts programs on an otherwise empty search path: `commands(podman=text)`."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("AUTOGRADER_ENGINE", raising=False)
    find_engine.cache_clear()

    def put(**texts):
        for name, text in texts.items():
            path = tmp_path / name
            path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{text}", encoding="utf-8")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)

    yield put
    find_engine.cache_clear()


def test_podman_is_found_and_says_that_it_is_rootless(commands):
    commands(podman=PODMAN, docker=DOCKER)
    found = find_engine()
    assert (found.flavour, found.rootless, found.version) == (
        "podman",
        True,
        "podman version 4.9.3",
    )


def test_docker_is_found_where_there_is_no_podman(commands):
    commands(docker=DOCKER)
    assert (find_engine().flavour, find_engine().rootless) == ("docker", False)


def test_a_podman_that_is_called_docker_is_a_podman(commands):
    commands(docker=PODMAN)
    assert find_engine().flavour == "podman"


def test_a_client_without_its_service_is_no_engine(commands):
    commands(docker=DOCKER_ALONE)
    with pytest.raises(UnavailableError) as caught:
        find_engine()
    assert "podman is not installed" in str(caught.value)
    assert "Cannot connect to the Docker daemon" in str(caught.value)
    assert "apt-get install podman" in str(caught.value)


def test_the_environment_may_name_the_engine(commands, monkeypatch):
    commands(podman=PODMAN, docker=DOCKER)
    monkeypatch.setenv("AUTOGRADER_ENGINE", "docker")
    assert find_engine().flavour == "docker"


def test_a_named_engine_is_not_replaced_by_another(commands):
    commands(podman=PODMAN)
    with pytest.raises(UnavailableError, match="docker is not installed"):
        find_engine("docker")


def test_an_answer_that_is_no_json_is_no_answer(commands):
    commands(docker='echo "Docker version 1"')
    with pytest.raises(SandboxError, match="did not answer in JSON"):
        ask_engine("docker")


def test_a_failed_command_says_what_the_engine_said(commands):
    commands(podman=PODMAN)
    with pytest.raises(SandboxError, match="`podman pull` failed: no pull here"):
        find_engine().run(["pull", "x"])


def test_a_command_that_hangs_is_ended(commands):
    commands(podman="sleep 30")
    with pytest.raises(SandboxError, match="did not end within 0 s"):
        Engine(str(_find("podman")), "podman").run(["info"], seconds=0.2)


def _find(name):
    import shutil

    return shutil.which(name)


def test_runc_is_tried_after_podmans_own_runtime_only(commands):
    commands(podman=PODMAN, runc="")
    podman, docker = Engine("p", "podman"), Engine("d", "docker")
    assert [item.runtime for item in list_runtimes(podman)] == [(), ("--runtime", "runc")]
    assert [item.runtime for item in list_runtimes(docker)] == [()]
