"""Kernels of `fork` and `process`: what student code does comes back as values."""

import os
import socket
import time

import pytest

from autograder.errors import SandboxError
from autograder.sandbox.base import KernelDiedError
from autograder.sandbox.environment import make_environment

# Cells


def test_a_cell_gives_its_outputs(live):
    run = live.run("print('한글')\n1 + 1")
    assert run.error is None
    assert run.outputs[0]["text"] == "한글\n"
    assert run.outputs[1]["data"]["text/plain"] == "2"


def test_an_error_ends_a_cell_and_not_the_kernel(live):
    run = live.run("before = 1\n1 / 0\nafter = 1")
    assert (run.error.name, run.error.text) == ("ZeroDivisionError", "division by zero")
    assert run.error.traceback == (
        "Traceback (most recent call last):\n"
        "  Notebook, line 2, in <module>\n    1 / 0\n"
        "ZeroDivisionError: division by zero"
    )
    assert live.evaluate("('before' in globals(), 'after' in globals())") == "(True, False)"


@pytest.mark.parametrize(
    ("line", "last"),
    [
        ("json.loads('{')", "JSONDecodeError: Expecting property name"),
        ("numpy.ones(2) @ numpy.ones(3)", "ValueError: matmul: Input operand 1"),
        ("exec('a b')", "SyntaxError: invalid syntax"),
        ("raise ExceptionGroup('many', [ValueError(1)])", "ExceptionGroup: many (1 sub-exception)"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ],
)
def test_an_error_tells_the_students_own_lines_alone(live, line, last):
    run = live.run(f"import json, numpy\ndef work():\n    {line}\nwork()")
    _, *frames, name = run.error.traceback.split("\n")
    told = [text.strip() for text in frames if 'File "<string>"' not in text]
    assert told[:4] == [
        "Notebook, line 4, in <module>", "work()", "Notebook, line 3, in work", line,
    ]  # fmt: skip
    assert told[4:] in ([], ["a b"])
    assert name.startswith(last)


def test_the_history_keeps_no_other_traceback(live):
    told = live.run("1 / 0").error.traceback
    kept = "[one['traceback'] for one in get_ipython().history_manager.exceptions.values()][-1]"
    assert live.evaluate(f"'\\n'.join({kept})") == told


def test_an_exception_that_cannot_be_told_is_an_error_all_the_same(live):
    live.run("class Full(Exception):\n    def __str__(self):\n        return self.args[0]")
    run = live.run("raise Full(3)")
    assert (run.error.name, run.error.text) == ("Full", "")
    assert run.error.traceback.endswith("Notebook, line 1, in <module>\n    raise Full(3)\nFull")
    assert live.evaluate("Full.__str__(Full('still its own'))") == "still its own"


def test_code_that_python_cannot_read_is_shown(live):
    error = live.run("x = 1\nfor i in x\n    1").error
    assert error.name == "SyntaxError"
    assert "for i in x" in error.traceback


def test_stderr_is_kept_apart(live):
    run = live.run("import sys\nprint('out')\nprint('err', file=sys.stderr)")
    assert run.stderr == "err\n"
    assert run.error is None


def test_an_empty_cell_gives_nothing(live):
    assert live.run(" \n").outputs == []


def test_a_syntax_error_is_an_error(live):
    assert live.run("def f(:").error.name == "SyntaxError"


def test_reading_the_keyboard_is_an_error_instead_of_a_wait(live):
    assert live.run("input('name? ')").error.name == "StdinNotImplementedError"


def test_shell_commands_run(live):
    assert "셋" in live.run("!cat data/수.txt").outputs[0]["text"]


# What notebooks bring along from Colab and otter


def test_a_colab_magic_does_nothing_and_the_cell_goes_on(live):
    run = live.run("%tensorflow_version 2.x\nprint('next')")
    assert run.stderr == ""
    assert run.outputs[0]["text"] == "next\n"


def test_an_unknown_magic_is_seen_in_stderr(live):
    assert "%no_such_magic" in live.run("%no_such_magic\nprint('next')").stderr


def test_mounting_a_drive_says_so_and_goes_on(live):
    run = live.run("from google.colab import drive\ndrive.mount('/content/drive')\nmounted = 1")
    assert run.error is None
    assert "drive.mount does nothing here" in run.stderr
    assert live.evaluate("mounted") == "1"


def test_asking_for_an_upload_is_an_error_with_advice(live):
    run = live.run("import google.colab.files as f\nf.upload()")
    assert run.error.text == (
        "files.upload() works only in Colab; read files by a path relative to the notebook"
    )


@pytest.mark.parametrize(
    "source",
    [
        "from google.colab import data_table\ndata_table.enable_dataframe_formatter()",
        "%load_ext google.colab.data_table",
        "from google.colab.patches import cv2_imshow\ncv2_imshow(None)",
        "import google.colab\ngoogle.colab.output.clear()",
        "import sys\n'google.colab' in sys.modules",
    ],
)
def test_what_colab_notebooks_do_for_show_goes_through(live, source):
    run = live.run(f"{source}\nthrough = 1")
    assert run.error is None
    assert live.evaluate("globals().pop('through', 0)") == "1"


def test_checks_of_otter_do_nothing(live):
    run = live.run(
        "import otter\ngrader = otter.Notebook('hw.ipynb')\ngrader.check('q1')\ngrader.export(pdf=False)"
    )
    assert run == type(run)()


# What the kernel has, and what it has not


def test_the_environment_holds_nothing_of_the_graders(live):
    assert os.environ["COURSE_SECRET"] == "hunter2"
    given = live.evaluate("open('/proc/self/environ').read()")
    assert "hunter2" not in given
    names = {entry.partition("=")[0] for entry in given.split("\0") if entry}
    assert names <= set(make_environment("", "", token="x")) | {"JPY_PARENT_PID"}
    assert live.evaluate("__import__('os').environ.get('COURSE_SECRET')") == "None"


def test_the_working_folder_holds_the_given_files_only(live):
    assert live.evaluate("sorted(map(str, __import__('pathlib').Path().rglob('*')))") == (
        "['data', 'data/수.txt', 'helper.py']"
    )


def test_a_module_beside_the_notebook_can_be_imported(live):
    assert live.run("import helper").error is None
    assert live.evaluate("helper.answer") == "42"


def test_its_line_to_the_grader_is_no_port(live):
    assert live.evaluate("get_ipython().kernel.parent.transport") == "ipc"


def test_resource_limits_hold(live):
    assert live.evaluate("__import__('resource').getrlimit(7)") == "(1024, 1024)"
    assert live.evaluate("__import__('resource').getrlimit(4)") == "(0, 0)"


LINKS = """
import os
links = []
for number in os.listdir("/proc/self/fd"):
    try:
        links.append(os.readlink(f"/proc/self/fd/{number}"))
    except OSError:
        pass
"""


def test_no_open_file_of_the_grader_is_inherited(open_kernel, tmp_path):
    path = tmp_path / "hidden.npz"
    path.write_bytes(b"labels")
    with path.open("rb") as file, socket.socket() as connection:
        connection.bind(("127.0.0.1", 0))
        connection.listen()
        os.set_inheritable(file.fileno(), 1)
        os.set_inheritable(connection.fileno(), 1)
        exec(LINKS, ours := {})
        with open_kernel() as live:
            live.run(LINKS)
            theirs = set(live.evaluate("'\\n'.join(links)").split("\n"))
    shared = {link for link in set(ours["links"]) & theirs if not link.startswith("anon_inode:")}
    assert str(path) in ours["links"]
    assert shared <= {"/dev/null"}


def test_files_of_a_submission_do_not_stand_in_for_modules_at_the_start(open_kernel):
    names = (
        "autograder/__init__",
        "keras",
        "numpy",
        "ipykernel",
        "zmq",
        "json",
        "colorsys",
        "google/__init__",
    )
    files = {f"{name}.py": b"raise SystemExit('shadowed')" for name in names}
    with open_kernel(files, preload=("colorsys",)) as live:
        assert live.run("x = 5").error is None
        assert live.ask("get", name="x") == {"value": 5}
        assert live.evaluate("__import__('numpy').__name__") == "numpy"


def test_a_file_outside_the_working_folder_is_refused(open_kernel):
    for name in ("../x", "/tmp/x", "a/../../x", ""):
        with pytest.raises(SandboxError, match="outside the working folder"):
            open_kernel({name: b""}).__enter__()


def test_a_file_that_is_also_a_folder_is_refused(open_kernel):
    with pytest.raises(SandboxError, match="cannot be written"):
        open_kernel({"a": b"", "a/b": b""}).__enter__()


# Limits


def test_a_file_over_the_limit_cannot_be_written(open_kernel):
    with open_kernel(disk_mib=1) as live:
        run = live.run("open('big', 'wb').write(bytes(5_000_000))")
        assert run.error.name == "OSError"


FLOOD = """
from IPython.display import display
for number in range(300):
    display({"text/plain": "x" * 100}, raw=True)
print("y" * 1_000_000)
1 / 0
"""


def test_a_flood_of_output_is_bounded_and_its_error_kept(open_kernel):
    with open_kernel(output_bytes=20_000) as live:
        run = live.run(FLOOD)
        assert len(str(run.outputs)) < 60_000
        assert run.error.name == "ZeroDivisionError"
        assert len(str(live.run("print('more' * 10_000)").outputs)) < 20_000
        assert len(live.run("raise ValueError('x' * 1_000_000)").error.text) < 10_000


def test_usage_counts_the_work_of_child_processes(live):
    before = live.kernel.usage()
    live.run(
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-S', '-c', 'import time\\nwhile time.process_time() < 0.5: 0'])"
    )
    after = live.kernel.usage()
    assert after.cpu_seconds - before.cpu_seconds > 0.45


# Stopping


def test_an_endless_cell_can_be_interrupted(live):
    run = live.interrupt(live.kernel.run_cell("while True: 0"))
    assert run.error.name == "KeyboardInterrupt"
    assert live.evaluate("1 + 1") == "2"


def test_an_interrupted_cell_tells_its_own_frames_alone(live):
    source = "import numpy, time\ndef wait(row): time.sleep(60)\n"
    source += "numpy.apply_along_axis(wait, 0, numpy.ones((2, 2)))"
    run = live.interrupt(live.kernel.run_cell(source))
    _, *lines, last = run.error.traceback.split("\n")
    places = [line.strip() for line in lines[::2]]
    assert places == ["Notebook, line 3, in <module>", "Notebook, line 2, in wait"]
    assert last == "KeyboardInterrupt"


def test_a_killed_kernel_tells_of_its_end(open_kernel):
    with open_kernel() as live:

        async def kill_soon():
            await live.runner.get_loop().run_in_executor(None, time.sleep, 0.2)
            await live.kernel.kill()

        ended, _ = live.together(live.kernel.run_cell("while True: 0"), kill_soon())
        assert isinstance(ended, KernelDiedError)
        assert live.kernel.usage().memory_mib == 0
        with pytest.raises(KernelDiedError):
            live.run("1")
        with pytest.raises(KernelDiedError):
            live.ask("get", name="x")


@pytest.mark.parametrize("end", ["os._exit(0)", "os.abort()", "os.kill(os.getpid(), 9)"])
def test_a_cell_that_ends_the_kernel_is_told(open_kernel, end):
    with open_kernel() as live, pytest.raises(KernelDiedError):
        live.run(f"import os\n{end}")
