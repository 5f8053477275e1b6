"""The `fork` sandbox: what holds around its kernels, with every right the machine can take away."""

import asyncio
import json
import os
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path

import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from traitlets import default

from autograder import notebook
from autograder.errors import SandboxError
from autograder.sandbox import launch
from autograder.sandbox.base import Death, KernelDiedError, KernelRequest, SandboxOptions
from autograder.sandbox.fork import ForkSandbox, _share_warmth, make_kernel_spec
from autograder.schema import Limits
from tests.sandbox.conftest import open_live
from tests.sandbox.ordinary_user import run_as_ordinary_user

ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="the grader is no root here")


@pytest.fixture(scope="module")
def forks():
    with closing(ForkSandbox()) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def open_kernel(forks):
    return partial(open_live, forks)


@pytest.fixture(scope="module")
def live(open_kernel):
    with open_kernel({"data.txt": b"1"}) as opened:
        yield opened


# Where it is


def test_every_wall_stands_that_this_machine_permits(live):
    expected = {"user", "mount", "pid", "network", "ipc", "uts", "seccomp", "rlimits"}
    assert expected <= set(live.kernel.walls)


def test_it_sees_its_own_processes_only(live):
    seen = json.loads(live.evaluate("__import__('json').dumps(__import__('os').listdir('/proc'))"))
    assert sorted(name for name in seen if name.isdigit()) == ["1", "2"]


def test_it_reads_nothing_of_the_machine_in_proc(live):
    names = [name for name in ("keys", "kallsyms", "timer_list") if Path("/proc", name).exists()]
    for name in names:
        assert live.evaluate(f"repr(open('/proc/{name}').read())") == "''"


def test_it_lives_in_a_root_folder_of_its_own(live):
    assert live.evaluate("__import__('os').getcwd()") == "/home/student/work"
    assert live.evaluate("__import__('os').listdir('/home')") == "['student']"
    of_python = {Path(place).parts[2] for place in launch._list_python() if place[:5] == "/tmp/"}
    assert live.evaluate("sorted(__import__('os').listdir('/tmp'))") == str(sorted(of_python))
    assert live.evaluate(f"__import__('os').path.exists({str(Path(__file__).parent)!r})") == "False"
    assert live.evaluate("__import__('getpass').getuser()") == "student"


@pytest.mark.parametrize(
    "path", ["/usr/x", "/x", "/dev/x", "/run/kernel/x", "/proc/self/comm", "/etc/passwd"]
)
def test_it_writes_nowhere_but_on_its_small_disk(live, path):
    assert live.run(f"open({path!r}, 'w').write('x')").error.name in {"OSError", "PermissionError"}


def test_its_disk_is_small_and_ends_with_it(open_kernel):
    with open_kernel(disk_mib=4) as live:
        fill = "with open({!r}, 'wb') as file:\n    for _ in range(3): file.write(bytes(1_000_000))"
        assert live.run(fill.format("a")).error is None
        full = live.run(fill.format("/tmp/b"))
        assert full.error.name == "OSError"
        assert "No space left" in full.error.text
        assert live.run(fill.format("/dev/shm/c")).error.name == "OSError"


def test_python_may_lie_in_a_folder_that_the_kernel_has_its_own_of(monkeypatch):
    with tempfile.TemporaryDirectory(prefix="py-", dir="/tmp") as place:
        Path(place).chmod(0o755)
        Path(place, "library.py").write_text("answer = 42")
        listed = (*launch._list_python(), place)
        monkeypatch.setattr(launch, "_list_python", lambda: listed)
        with closing(ForkSandbox()) as sandbox, open_live(sandbox) as live:
            look = f"import sys\nsys.path.append({place!r})\nimport library\nprint(library.answer)"
            assert live.run(look).outputs[0]["text"] == "42\n"
            assert live.run(f"open('{place}/new', 'w')").error is not None
            assert live.run("open('/tmp/mine', 'w').close()").error is None


def test_shared_memory_and_terminals_work(live):
    work = "from multiprocessing import Pool\nwith Pool(2) as pool:\n    print(sum(pool.map(abs, range(10))))"
    run = live.run(work)
    assert (run.error, run.outputs[0]["text"]) == (None, "45\n")
    assert live.run("!tty").outputs[0]["text"].startswith("/dev/pts/")


def test_its_network_is_its_own(live):
    work = (
        "import socket\nserver = socket.create_server(('127.0.0.1', 0))\n"
        "client = socket.create_connection(server.getsockname())\nprint('reached itself')"
    )
    assert live.run(work).outputs[0]["text"] == "reached itself\n"
    away = live.run("socket.create_connection(('192.0.2.1', 80), timeout=5)")
    assert "unreachable" in away.error.text


def test_what_child_processes_print_is_seen(live):
    run = live.run(
        "import os, subprocess\nsubprocess.run(['echo', 'child'])\nos.system('echo shell')"
    )
    assert run.error is None


@needs_root
def test_every_kernel_is_another_user(open_kernel):
    with open_kernel() as one, open_kernel() as other:
        ids = {
            int(live.evaluate("open('/proc/self/uid_map').read().split()[1]"))
            for live in (one, other)
        }
    assert len(ids) == 2
    assert all(uid > 100_000 for uid in ids)


# What it may use


@needs_root
def test_a_hog_is_told_from_a_death_and_harms_no_neighbour(open_kernel):
    hog = "held = []\nwhile True:\n    held.append(b'x' * 2**22)"
    with open_kernel() as neighbour:
        neighbour.run("kept = list(range(1000))")
        with open_kernel(memory_mib=256, disk_mib=1) as live:
            with pytest.raises(KernelDiedError):
                live.run(hog)
            assert live.kernel.usage().out_of_memory
        assert neighbour.evaluate("sum(kept)") == "499500"
        assert not neighbour.kernel.usage().out_of_memory


@needs_root
def test_memory_counts_from_the_start_and_not_what_was_loaded_before(open_kernel):
    with open_kernel(preload=("keras",)) as live:
        assert live.kernel.usage().memory_mib < 100
        live.run("block = bytearray(200 * 2**20)\nblock[::4096] = b'x' * len(block[::4096])")
        assert 190 < live.kernel.usage().memory_mib < 320


def test_a_crowd_of_processes_stays_within_its_number(open_kernel):
    crowd = (
        "import os, time\ncount = 0\ntry:\n    for _ in range(500):\n"
        "        if os.fork() == 0:\n            time.sleep(30)\n            os._exit(0)\n        count += 1\n"
        "except OSError:\n    pass\nprint(count)"
    )
    with open_kernel(processes=64) as live:
        assert 0 < int(live.run(crowd).outputs[0]["text"]) < 64


@needs_root
def test_nothing_is_left_of_a_kernel(open_kernel):
    leave = "!sleep 1000 &\nimport subprocess\nsubprocess.Popen(['sleep', '1000'], start_new_session=True)"

    def look(uid):
        """Processes of a user, our control groups, our folders, and all mounts."""
        with_uid = [pid for pid in psutil.pids() if _has_uid(pid, uid)]
        groups = set(Path("/sys/fs/cgroup").glob(f"**/autograder-{os.getpid()}-*"))
        folders = [path for path in Path("/tmp").glob("ag-*") if _is_owned_by(path, uid)]
        return len(with_uid), groups, len(folders), len(psutil.disk_partitions(all=True))

    known = set(Path("/sys/fs/cgroup").glob(f"**/autograder-{os.getpid()}-*"))
    with open_kernel() as live:
        uid = int(live.evaluate("open('/proc/self/uid_map').read().split()[1]"))
        live.run(leave)
        processes, groups, folders, mounts = look(uid)
        assert processes >= 2  # the kernel, and what it left
        assert groups - known
        assert folders == 1
    assert look(uid) == (0, known, 0, mounts)


def _has_uid(pid, uid):
    try:
        return Path(f"/proc/{pid}").stat().st_uid == uid
    except OSError:
        return False


def _is_owned_by(path, uid):
    try:
        return path.stat().st_uid == uid
    except OSError:
        return False


# How it starts


def test_a_warm_kernel_has_its_modules_and_is_seeded(open_kernel):
    with open_kernel(preload=("colorsys",)) as live:
        assert live.evaluate("'colorsys' in __import__('sys').modules") == "True"
        first = live.evaluate("__import__('random').random()")
    with open_kernel(preload=("colorsys",)) as live:
        assert live.evaluate("__import__('random').random()") == first


def test_a_training_may_have_several_threads_and_the_warm_process_one():
    ask = "import os, tensorflow as tf\ntf.constant([1.0]) + 1\nprint(os.environ['TF_NUM_INTRAOP_THREADS'])"
    options = SandboxOptions(threads=2)
    with closing(ForkSandbox(options)) as sandbox, open_live(sandbox, preload=("keras",)) as live:
        assert live.run(ask).outputs[0]["text"] == "2\n"


def test_warm_kernels_share_nothing_that_one_changes(open_kernel):
    with open_kernel(preload=("colorsys",)) as one, open_kernel(preload=("colorsys",)) as other:
        one.run(
            "import colorsys, os\ncolorsys.changed = True\nopen('left', 'w').close()\nos.environ['X'] = '1'"
        )
        assert other.evaluate("hasattr(__import__('colorsys'), 'changed')") == "False"
        assert other.evaluate("__import__('os').listdir()") == "[]"
        assert other.evaluate("__import__('os').environ.get('X')") == "None"


def test_closing_the_sandbox_ends_its_warm_process_and_that_ones_ancestor():
    sandbox = ForkSandbox()
    before = {child.pid for child in psutil.Process().children()}

    async def use():
        async with sandbox.open_kernel(KernelRequest({}, Limits(), ("colorsys",))) as kernel:
            await kernel.run_cell("1")

    asyncio.run(use())
    (ancestor,) = (child for child in psutil.Process().children() if child.pid not in before)
    (warm,) = ancestor.children()
    sandbox.close()
    assert not warm.is_running()
    assert not ancestor.is_running()


def test_a_warm_process_that_was_killed_is_replaced():
    before = {child.pid for child in psutil.Process().children()}
    with closing(ForkSandbox()) as sandbox:
        with open_live(sandbox) as live:
            live.run("1")
            (ancestor,) = (kid for kid in psutil.Process().children() if kid.pid not in before)
            (warm,) = ancestor.children()
            warm.kill()
            with pytest.raises(KernelDiedError):
                live.run("import time\ntime.sleep(20)")
        with pytest.raises(SandboxError, match="has ended"):
            open_live(sandbox).__enter__()
        with open_live(sandbox) as live:
            assert live.evaluate("1 + 1") == "2"


@pytest.mark.parametrize(
    "end",
    [
        "os.kill(os.getpid(), 9)",
        "os.kill(0, 9)",
        "os.kill(-1, 9)",
        "os.killpg(os.getpgid(0), 9)",
        "signal.raise_signal(9)",
        "signal.pthread_kill(threading.main_thread().ident, 9)",
    ],
)
def test_a_kernel_that_kills_itself_is_known_for_it(open_kernel, end):
    with open_kernel() as live:
        with pytest.raises(KernelDiedError):
            live.run(f"import os, signal, threading\n{end}\nimport time\ntime.sleep(20)")
        assert live.kernel.read_death() is Death.OWN


def test_a_kernel_may_kill_what_it_started_and_is_not_blamed_for_what_others_kill():
    before = {child.pid for child in psutil.Process().children()}
    with closing(ForkSandbox()) as sandbox, open_live(sandbox) as live:
        live.run("import subprocess\nchild = subprocess.Popen(['sleep', '20'])\nchild.kill()")
        assert live.evaluate("child.wait()") == "-9"
        (ancestor,) = (kid for kid in psutil.Process().children() if kid.pid not in before)
        (warm,) = ancestor.children()
        (first,) = warm.children()
        (kernel,) = first.children()
        kernel.kill()
        with pytest.raises(KernelDiedError):
            live.run("import time\ntime.sleep(20)")
        assert live.kernel.read_death() is Death.HARDLY_OWN


def test_a_busy_machine_is_no_reason_for_weaker_walls(monkeypatch):
    monkeypatch.setattr(launch, "_START_SECONDS", 0.001)
    with closing(ForkSandbox()) as sandbox:
        with pytest.raises(SandboxError, match="did not start: timed out"):
            open_live(sandbox, preload=("colorsys",)).__enter__()
        monkeypatch.undo()
        with open_live(sandbox, preload=("colorsys",)) as live:
            assert "mount" in live.kernel.walls


def test_a_crowd_of_busy_processes_takes_no_more_than_its_share(open_kernel):
    crowd = "import os, time\nfor _ in range(30):\n    if os.fork() == 0:\n        while True: 0\ntime.sleep(20)"
    work = "import time\nstart = time.time(), time.process_time()\nwhile time.process_time() - start[1] < 1: 0\nprint(time.time() - start[0])"
    with open_kernel() as busy, open_kernel() as live:

        async def one_after_the_other():
            task = asyncio.ensure_future(busy.kernel.run_cell(crowd))
            await asyncio.sleep(1)
            run = await live.kernel.run_cell(work)
            await busy.kernel.kill()
            await asyncio.wait({task})
            task.exception()
            return float(run.outputs[0]["text"])

        # Two groups on the cores there are, whatever else the machine does: not 30 against one.
        assert live.runner.run(one_after_the_other()) < 8


def test_a_module_that_does_not_exist_is_our_failure(open_kernel):
    with pytest.raises(SandboxError):
        open_kernel(preload=("no_such_module",)).__enter__()


class _Specs(KernelSpecManager):
    def get_kernel_spec(self, _name):
        return make_kernel_spec({"limits": {"memory_mib": 512}})


class _Manager(AsyncKernelManager):
    kernel_spec_manager_class = _Specs

    @default("kernel_spec_manager")
    def _make_specs(self):
        return _Specs(parent=self)


def test_any_jupyter_client_can_start_one():
    source = "import os\nprint(os.getcwd(), os.getpid())"
    content = notebook.make_notebook([notebook.make_code_cell(source)])
    client = NotebookClient(content, kernel_name="walled", kernel_manager_class=_Manager)
    client.execute()
    _share_warmth().close()
    assert content.cells[0].outputs[0]["text"] == "/home/student/work 2\n"


# With fewer rights


TRY = """
import asyncio, json
from autograder.sandbox.base import DEFAULT_MINIMUM, KernelRequest, SandboxOptions
from autograder.sandbox.fork import ForkSandbox, make_kernel_spec
from autograder.schema import Limits

sandbox = ForkSandbox(SandboxOptions(minimum={minimum}))
sandbox._warmth.choice.refused.update({refused})

async def main():
    met = {{}}
    async with sandbox.open_kernel(KernelRequest({{"given.txt": b"1"}}, Limits())) as kernel:
        met["walls"] = kernel.walls
        for name, source in {cells}.items():
            run = await kernel.run_cell(source)
            met[name] = run.error.name if run.error else "".join(o.get("text", "") for o in run.outputs)
    print(json.dumps(met))

asyncio.run(main())
sandbox.close()
"""
CELLS = {
    "works": "import numpy, sqlite3\nopen('answer.py', 'w').write('x = 5')\nimport answer\nprint(answer.x, open('given.txt').read())",
    "course": f"print(open({str(Path(__file__))!r}).read())",
    "others": "import os\nfor name in os.listdir('/proc'):\n    if name.isdigit() and int(name) != os.getpid():\n        open(f'/proc/{name}/environ').read()",
    "grader": "import os\nos.kill(os.getppid(), 0)",
    "port": "import socket\nsocket.create_connection(('127.0.0.1', 1))",
    "datagram": "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "home": "open('/tmp/left', 'w')",
    "lasting": "import ctypes\nif ctypes.CDLL(None).shmget(4711, 4096, 0o1600) < 0:\n    raise PermissionError",
    "calls": "import ctypes\nif ctypes.CDLL(None).unshare(0x10000000) < 0:\n    raise PermissionError",
}


@pytest.fixture
def folder():
    """A folder that every user may enter; pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="open-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _try(folder, refused=(), minimum="DEFAULT_MINIMUM", *, stay_root=False):
    source = TRY.format(refused=dict.fromkeys(refused, "not here"), cells=CELLS, minimum=minimum)
    return json.loads(run_as_ordinary_user(source, folder / "home", stay_root=stay_root))


def test_an_ordinary_users_kernels_stand_behind_the_same_walls(folder):
    met = _try(folder)
    assert {"user", "mount", "pid", "network", "ipc", "uts", "landlock", "seccomp"} <= set(
        met["walls"]
    )
    assert "uid" not in met["walls"]
    assert met["works"] == "5 1\n"
    assert (met["course"], met["port"]) == ("FileNotFoundError", "ConnectionRefusedError")
    assert met["calls"] == "PermissionError"


@pytest.mark.parametrize(
    "stay_root", [False, pytest.param(True, marks=needs_root)], ids=["user", "root"]
)
def test_without_namespaces_the_rest_still_holds(folder, stay_root):
    met = _try(folder, ("machine", "user"), stay_root=stay_root)
    assert {"landlock", "seccomp", "capabilities", "rlimits"} <= set(met["walls"])
    assert not {"mount", "pid", "network"} & set(met["walls"])
    assert ("uid" in met["walls"]) is stay_root
    assert met.pop("works") == "5 1\n"
    assert {name: error for name, error in met.items() if name != "walls"} == dict.fromkeys(
        set(CELLS) - {"works"}, "PermissionError"
    )


@needs_root
def test_root_without_its_rights_uses_an_ordinary_users_namespaces(folder):
    met = _try(folder, ("machine",), stay_root=True)
    assert {"uid", "user", "mount", "pid", "network"} <= set(met["walls"])
    assert met["works"] == "5 1\n"


def test_below_the_minimum_no_kernel_is_opened(folder):
    with pytest.raises(AssertionError, match=r"walls are missing: mount.*--sandbox container"):
        _try(folder, ("machine", "user"), minimum="('mount',)")


def test_a_minimum_that_holds_is_no_hindrance():
    options = SandboxOptions(minimum=("files", "seccomp"))
    with closing(ForkSandbox(options)) as sandbox, open_live(sandbox) as live:
        assert live.evaluate("1 + 1") == "2"
