"""What is on the command line that starts a container, and what its facts are taken for."""

import os
from pathlib import Path

import psutil
import pytest

from autograder.sandbox.container_command import make_name, make_run_command
from autograder.sandbox.container_order import make_order, pack_folder
from autograder.sandbox.container_walls import list_walls
from autograder.sandbox.engine import Engine
from autograder.sandbox.grader import is_left_over, name_grader
from autograder.schema import Limits

DOCKER = Engine("/usr/bin/docker", "docker")
PODMAN = Engine("/usr/bin/podman", "podman", runtime=("--runtime", "runc"))
LIMITS = Limits(memory_mib=1000, disk_mib=100, processes=50)


def make(engine=DOCKER, **limits):
    return make_run_command(engine, "sha256:1", "n", LIMITS.model_copy(update=limits))


def follow(command, option):
    return [command[place + 1] for place, word in enumerate(command) if word == option]


def test_every_wall_is_an_option():
    command = make()
    assert follow(command, "--network") == ["none"]
    assert follow(command, "--cap-drop") == ["ALL"]
    assert follow(command, "--security-opt") == ["no-new-privileges"]
    assert "--read-only" in command
    assert follow(command, "--pids-limit") == ["82"]
    assert follow(command, "--memory") == follow(command, "--memory-swap") == ["1228m"]
    assert "size=100m" in follow(command, "--tmpfs")[0]
    assert "fsize=104857600:104857600" in follow(command, "--ulimit")


def test_nothing_of_the_machine_is_mounted():
    assert not {"--mount", "-v", "--volume", "--device", "--privileged"} & set(make())


def test_each_container_has_a_user_of_its_own_that_is_not_root():
    users = {follow(make(), "--user")[0] for _ in range(20)}
    assert len(users) > 15
    assert all(int(user.split(":")[0]) >= 1000 for user in users)


def test_an_image_is_never_pulled_to_run_student_code():
    assert follow(make(), "--pull") == ["never"]


def test_a_network_is_there_only_where_the_assessment_allows_it():
    assert follow(make(network=True), "--network") == []


def test_the_runtime_that_works_is_used():
    assert make(PODMAN)[:4] == ["/usr/bin/podman", "run", "--runtime", "runc"]


def test_docker_gets_no_option_of_podmans():
    assert "--read-only-tmpfs=false" in make(PODMAN)
    assert "--read-only-tmpfs=false" not in make()


def test_a_container_of_this_process_is_not_left_over():
    assert not is_left_over(make_name())


def test_a_container_of_a_process_that_is_gone_is_left_over():
    prefix, machine, _, start = name_grader().split("-")
    gone = next(pid for pid in range(4_000_000, 1, -1) if not psutil.pid_exists(pid))
    assert is_left_over(f"{prefix}-{machine}-{gone}-{start}-00")
    assert is_left_over(f"{prefix}-{machine}-{os.getpid()}-{int(start) - 9}-00")


@pytest.mark.parametrize("name", ["web", "autograder-ffffffff-1-1-00", "autograder-1"])
def test_other_containers_are_left_alone(name):
    assert not is_left_over(name)


FACTS = {
    "uid": 20001,
    "pid": 1,
    "status": {"CapEff": "0" * 16, "CapBnd": "0" * 16, "NoNewPrivs": "1"},
    "seccomp": "2",
    "landlock": 4,
    "routes": 0,
    "read_only": True,
    "open_files": 1024,
    "memory_bounded": True,
    "namespaces": {name: f"{name}:[1]" for name in ("mnt", "pid", "net", "ipc", "uts", "user")},
}


def test_all_walls_are_named_where_all_hold():
    assert len(list_walls(FACTS)) == 13


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"uid": 0}, "uid"),
        ({"pid": 7}, "pid"),
        ({"routes": 2}, "network"),
        ({"read_only": False}, "mount"),
        ({"seccomp": "0"}, "seccomp"),
        ({"landlock": 0}, "landlock"),
        ({"memory_bounded": False}, "cgroup"),
        ({"open_files": 1_048_576}, "rlimits"),
        ({"status": {**FACTS["status"], "CapBnd": "00000000a80425fb"}}, "capabilities"),
        ({"status": {**FACTS["status"], "NoNewPrivs": "0"}}, "capabilities"),
    ],
)
def test_a_wall_that_does_not_hold_is_not_named(changed, missing):
    assert missing not in list_walls({**FACTS, **changed})
    assert len(list_walls({**FACTS, **changed})) == 12


def test_a_namespace_shared_with_the_grader_is_no_wall():
    own = str(Path("/proc/self/ns/ipc").readlink())
    assert "ipc" not in list_walls({**FACTS, "namespaces": {**FACTS["namespaces"], "ipc": own}})


def test_an_order_names_places_inside_and_nothing_of_the_machine():
    import sys

    command = [sys.executable, "-m", "autograder.kernel", "-f", "/run/host/k.json"]
    connection = {"transport": "ipc", "ip": "/run/host/k-ipc", "shell_port": 77, "key": "secret"}
    order = make_order(command, "/run/host/k.json", connection, {"LANG": "C.UTF-8"})
    assert order["command"] == ["python", "-m", "autograder.kernel", "-f", "/tmp/line/k.json"]
    assert order["connection"]["ip"] == "/tmp/line/k"
    assert order["connection"]["shell_port"] == 1
    assert order["connection"]["key"] == "secret"
    assert order["environment"] == {"LANG": "C.UTF-8"}
    assert "/run/host" not in str(order)


def test_a_folder_is_packed_with_the_paths_below_it(tmp_path):
    import io
    import zipfile

    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "수.txt").write_bytes(b"3")
    with zipfile.ZipFile(io.BytesIO(pack_folder(tmp_path))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"data/수.txt": b"3"}
