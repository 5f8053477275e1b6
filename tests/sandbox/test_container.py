"""The `container` sandbox with a real engine and image: what holds, what is stopped, what is left."""

import asyncio
import subprocess
import sys
import time
from contextlib import closing

import pytest

from autograder.errors import SandboxError, UnavailableError
from autograder.sandbox.base import KernelDiedError, SandboxOptions
from autograder.sandbox.container import ContainerSandbox
from autograder.sandbox.container_command import LABEL
from autograder.sandbox.grader import name_grader
from tests.sandbox.conftest import FLOOD, open_live

pytestmark = pytest.mark.container


@pytest.fixture(scope="module")
def sandbox():
    try:
        made = ContainerSandbox()
    except UnavailableError as lacking:
        pytest.skip(str(lacking))
    with closing(made):
        yield made


@pytest.fixture(scope="module")
def live(sandbox):
    with open_live(
        sandbox, {"data/수.txt": "셋".encode(), "helper.py": b"answer = 42\n"}
    ) as opened:
        yield opened


def list_containers(sandbox, grader=None):
    """Containers of a grader, this process or the one named; other tests have theirs at the time."""
    engine = sandbox._engine
    told = engine.run(["ps", "--all", "--filter", f"label={LABEL}", "--format", "{{.Names}}"])
    grader = grader or name_grader()
    return {name for name in told.decode().split() if name.startswith(grader)}


def test_every_wall_holds_and_is_named(live):
    walls = {"container", "uid", "mount", "pid", "network", "ipc", "uts"}
    walls |= {"landlock", "capabilities", "seccomp", "cgroup", "rlimits"}
    assert walls <= set(live.kernel.walls)


def test_the_working_folder_holds_the_given_files_only(live):
    assert live.evaluate("sorted(map(str, __import__('pathlib').Path().rglob('*')))") == (
        "['data', 'data/수.txt', 'helper.py']"
    )
    assert live.evaluate("__import__('helper').answer") == "42"


def test_the_agent_answers(live):
    live.run("x = 5")
    assert live.ask("get", name="x") == {"value": 5}


def test_the_environment_holds_nothing_of_the_graders(sandbox, monkeypatch):
    monkeypatch.setenv("COURSE_SECRET", "hunter2")
    with open_live(sandbox) as live:
        assert "hunter2" not in live.evaluate("str(dict(__import__('os').environ))")
        assert "hunter2" not in live.evaluate("open('/proc/self/environ').read()")


@pytest.mark.parametrize("path", ["/etc/x", "/x", "/opt/autograder/x", "/var/tmp/x", "/run/x"])
def test_nothing_but_its_disk_can_be_written(live, path):
    assert live.run(f"open({path!r}, 'w')").error.name in {"OSError", "PermissionError"}


def test_no_network_can_be_reached(live):
    source = "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=3)"
    assert live.run(source).error.text.endswith("Network is unreachable")


@pytest.mark.parametrize(
    "source",
    [
        "import os; os.kill(1, 9); os.kill(1, 19)",
        "open('/proc/1/environ').read()",
        "open('/proc/1/mem', 'rb')",
        "import os; os.setuid(0)",
        "import os; os.unshare(os.CLONE_NEWNS) if hasattr(os, 'unshare') else 1/0",
        "open('/dev/mem', 'rb')",
    ],
)
def test_what_reaches_beyond_the_kernel_comes_to_nothing(live, source):
    live.run(source)
    assert live.evaluate("1 + 1") == "2"


def test_the_first_process_holds_no_secret_that_can_be_read(live):
    for name in ("environ", "mem", "fd", "exe"):
        assert live.run(f"import os; os.listdir('/proc/1/{name}')").error is not None


def test_an_endless_cell_can_be_interrupted(live):
    run = live.interrupt(live.kernel.run_cell("while True: 0"))
    assert run.error.name == "KeyboardInterrupt"
    assert live.evaluate("1 + 1") == "2"


def test_usage_counts_the_work_of_child_processes(live):
    before = live.kernel.usage()
    live.run(
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-S', '-c', 'import time\\nwhile time.process_time() < 0.5: 0'])"
    )
    after = live.kernel.usage()
    assert 0.45 < after.cpu_seconds - before.cpu_seconds < 5
    assert after.memory_mib > 20


def test_a_kernel_that_heeds_nothing_is_killed_with_all_that_it_started(sandbox):
    before = list_containers(sandbox)
    with open_live(sandbox) as live:
        live.run(
            "import os, signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
            "if os.fork() == 0:\n    os.setsid()\n    while True: 0"
        )
        (name,) = list_containers(sandbox) - before

        async def kill_soon():
            await asyncio.sleep(0.2)
            await live.kernel.kill()

        ended, _ = live.together(live.kernel.run_cell("while True: 0"), kill_soon())
        assert isinstance(ended, KernelDiedError)
        assert name not in list_containers(sandbox)
        assert live.kernel.usage().memory_mib == 0
        assert live.kernel.usage().cpu_seconds > 0


@pytest.mark.parametrize("end", ["os._exit(3)", "os.abort()", "os.kill(os.getpid(), 9)"])
def test_a_cell_that_ends_the_kernel_is_told(sandbox, end):
    with open_live(sandbox) as live:
        with pytest.raises(KernelDiedError):
            live.run(f"import os\n{end}")
        assert not live.kernel.usage().out_of_memory


def test_what_it_costs_to_carry_a_flood_out_is_known(sandbox):
    with open_live(sandbox) as live:
        provisioner = live.kernel._provisioner

        def measure(source):
            before = provisioner.read_carrying()
            live.run(source)
            return provisioner.read_carrying() - before

        assert measure(FLOOD) > measure("1") + 0.02


def test_memory_beyond_the_limit_ends_the_kernel_and_is_recognised(sandbox):
    with open_live(sandbox, memory_mib=256, disk_mib=16) as live:
        with pytest.raises(KernelDiedError):
            live.run("hog = bytearray(2**30)\nfor place in range(0, 2**30, 4096): hog[place] = 1")
        assert live.kernel.usage().out_of_memory


def test_the_disk_is_full_at_its_limit(sandbox):
    source = "for n in range(40):\n    open(f'/tmp/{n}', 'wb').write(bytes(1_000_000))"
    with open_live(sandbox, disk_mib=16) as live:
        assert "No space left" in live.run(source).error.text


def test_a_fork_bomb_meets_the_limit_of_processes(sandbox):
    source = (
        "import os, time\ncount = 0\ntry:\n    while True:\n"
        "        if os.fork() == 0:\n            time.sleep(60)\n            os._exit(0)\n"
        "        count += 1\nexcept OSError:\n    pass\ncount < 200"
    )
    with open_live(sandbox, processes=64) as live:
        assert live.run(source).outputs[-1]["data"]["text/plain"] == "True"


def test_nothing_of_a_kernel_is_left_after_its_end(sandbox):
    before = list_containers(sandbox)
    with open_live(sandbox) as live:
        live.run("1")
        assert len(list_containers(sandbox) - before) == 1
    assert list_containers(sandbox) <= before


WAIT = """
import asyncio
from autograder.sandbox.base import KernelRequest
from autograder.sandbox.container import ContainerSandbox
from autograder.schema import Limits
async def wait():
    async with ContainerSandboxOpened.open_kernel(KernelRequest({}, Limits())):
        print("open", flush=True)
        await asyncio.sleep(600)
ContainerSandboxOpened = ContainerSandbox()
asyncio.run(wait())
"""


def test_nothing_is_left_of_a_grader_that_was_killed(sandbox):
    command = [sys.executable, "-c", WAIT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as grader:
        try:
            assert grader.stdout.readline() == "open\n"
            name = name_grader(grader.pid)
            assert len(list_containers(sandbox, name)) == 1
        finally:
            grader.kill()
    deadline = time.monotonic() + 20
    while list_containers(sandbox, name) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not list_containers(sandbox, name)


def test_a_missing_wall_is_an_error_before_student_code(sandbox):
    strict = ContainerSandbox(SandboxOptions(minimum=("seccomp", "moat")))  # which none has
    with pytest.raises(SandboxError, match="walls are missing around a container: moat"):
        open_live(strict).__enter__()


def test_nbclient_can_use_the_same_sandbox(sandbox, tmp_path, monkeypatch):
    import json

    import nbformat
    from nbclient import NotebookClient

    folder = tmp_path / "kernels" / "walled"
    folder.mkdir(parents=True)
    spec = {
        "argv": ["python", "-m", "autograder.kernel", "-f", "{connection_file}"],
        "display_name": "walled",
        "language": "python",
        "metadata": {"kernel_provisioner": {"provisioner_name": "autograder-container"}},
    }
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "given.txt").write_text("7")
    cell = nbformat.v4.new_code_cell("import os\nprint(open('given.txt').read(), os.getpid() < 50)")
    made = nbformat.v4.new_notebook(cells=[cell])
    resources = {"metadata": {"path": str(tmp_path / "work")}}
    NotebookClient(made, kernel_name="walled", resources=resources, timeout=60).execute()
    assert made.cells[0].outputs[0]["text"] == "7 True\n"
