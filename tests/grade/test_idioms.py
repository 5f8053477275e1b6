"""Lines that students' notebooks bring along from Colab, Windows and old tutorials: all in one kernel.

Each idiom stands in a cell of its own and then does the question's work; it must get its point.
"""

from __future__ import annotations

import pytest

from autograder.grade.submission import grade_submission
from autograder.schema import AssessmentConfig, Limits
from tests.grade.conftest import case, question, submit, write_bundle

GOES_ON = {
    "cd to a drive": "%cd /content/drive/MyDrive",
    "cd with quotes": '%cd "/content/drive/My Drive/수업"',
    "pip": "!pip install -q tensorflow-addons",
    "pip magic": "%pip install keras==2.3.1",
    "pip by python": "import sys\n!{sys.executable} -m pip install tqdm",
    "wget": "!wget -q https://example.com/data.csv",
    "curl into a name": "lines = !curl https://example.com/data.csv\nassert list(lines) == []",
    "git clone": "!git clone https://github.com/example/example && ls",
    "apt-get": "!sudo apt-get -qq install -y fonts-nanum > /dev/null",
    "font": "!rm -rf ~/.cache/matplotlib; fc-cache -fv",
    "bash cell": None,
    "nvidia-smi": "!nvidia-smi",
    "gpu list": "import sys\nsys.modules.get('tensorflow')",
    "capture": None,
    "matplotlib notebook": "%matplotlib notebook\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "tqdm in a notebook": "from tqdm.notebook import tqdm\nsum(tqdm(range(3)))",
    "tqdm": "from tqdm.auto import trange\nsum(trange(3))",
    "matplotlib widget": "%matplotlib widget",
    "matplotlib qt": "%matplotlib qt",
    "retina": "%config InlineBackend.figure_format = 'retina'",
    "autoreload": "%load_ext autoreload\n%autoreload 2",
    "tensorboard": "%load_ext tensorboard\n%tensorboard --logdir logs",
    "data table": "%load_ext google.colab.data_table",
    "TensorFlow version": "%tensorflow_version 1.x",
    "mount": "from google.colab import drive\ndrive.mount('/content/drive', force_remount=True)",
    "download": "from google.colab import files\nfiles.download('model.keras')",
    "exit": "exit()",
    "quit": "quit()",
    "reset": "%reset -f",
    "timing": "%timeit -n1 -r1 1 + 1",
    "display loop": "from IPython.display import clear_output, display\nfor i in range(200):\n    clear_output(wait=True)\n    display(i)",
    "progress bar": "import sys\nfor i in range(2000):\n    sys.stdout.write('\\r' + '=' * 200 + str(i))",
    "module": "%%writefile -a answer.py\nvalue = 1",
    "thread": "import threading\nthreading.Thread(target=print, args=('late',)).start()",
}
WHOLE_CELLS = {
    "bash cell": "%%bash\npip install keras\necho 1 > ok.txt",
    "capture": "%%capture out\nprint('x')",
    "module": "%%writefile -a answer.py\nvalue = 1",
}


def _cells(number, name, source):
    answer = f"ok_{number} = {number}"
    if name in WHOLE_CELLS:
        return [WHOLE_CELLS[name], answer]
    return [f"{source}\n{answer}"]


@pytest.fixture(scope="module")
def graded(tmp_path_factory, sandbox, scorers):
    """Result of one notebook with all idioms, by idiom; and the notebook as it ran."""
    questions, cells = [], ["import os"]
    for number, (name, source) in enumerate(GOES_ON.items(), start=1):
        test = f"def test_it(ok_{number}):\n    assert ok_{number} == {number}"
        questions.append(question(f"q{number}", case(test, question=f"q{number}")))
        cells += [*_cells(number, name, source), f"grader.check('q{number}')"]
    config = AssessmentConfig(language="en", limits=Limits(wall_seconds=120))
    bundle = write_bundle(tmp_path_factory.mktemp("bundle"), questions, config=config)
    made = grade_submission(submit(*cells), bundle, sandbox, scorers)
    return dict(zip(GOES_ON, made.result.questions, strict=True)), made.executed.decode()


@pytest.mark.parametrize("name", GOES_ON)
def test_the_cell_goes_on_after(name, graded):
    found = graded[0][name]
    assert found.score == 1, (found.message, found.error)


def test_a_command_that_needs_a_network_is_said_once_to_do_nothing(graded):
    assert graded[1].count("`pip install` does nothing here: grading has no network") == 1
    assert "`git clone` does nothing here" in graded[1]
    assert "`apt-get -qq install` does nothing here" in graded[1]


def test_of_a_progress_bar_its_last_state_is_kept(graded):
    assert graded[1].count("=" * 200) == 1
    assert "=1999" in graded[1]


LOAD_DATA = """
import socket
def refuse(*_):
    raise socket.gaierror(-3, 'Temporary failure in name resolution')
socket.getaddrinfo = refuse
import keras
(x, y), _ = keras.datasets.mnist.load_data()
"""
ENDS = {
    "upload": ("from google.colab import files\nx = files.upload()", "Colab", "relative"),
    "input loop": ("while True:\n    name = input('name? ')", "keyboard", "Write the value"),
    "Windows path": ("open('C:\\Users\\me\\x.csv')", "Windows path", "path relative"),
    "Windows folder": (
        "import os\nos.listdir(r'C:\\박유진-텐서\\CNN')",
        "Windows path",
        "relative",
    ),
    "Colab path": ("open('/content/drive/MyDrive/x.csv')", "Colab path", "path relative"),
    "data set": (LOAD_DATA, "reach the network", "comes with the assignment"),
    "GPU": (
        "def list_physical_devices(kind): return []\ngpus = list_physical_devices('GPU')\nprint(gpus[0])",
        "GPU",
        "if gpus:",
    ),
    "window": ("import matplotlib.pyplot as plt\nplt.switch_backend('TkAgg')", "window", "Remove"),
    "stale name": ("MaxPooling2D = MaxPooling2D", "old kernel", "top to bottom"),
    "placeholder": ("x = ### YOUR CODE HERE", "not filled in", "placeholder"),
    "none placeholder": ("None = None", "not filled in", "placeholder"),
    "sys.exit": ("import sys\nsys.exit(3)", "ends the program", "sys.exit()"),
    "unknown magic": ("%no_such_magic\nx = 1", "no_such_magic", "Remove"),
    "wget then read": (
        "!wget https://example.com/x.csv\nopen('x.csv')",
        "x.csv",
        "come with the assignment",
    ),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory, sandbox, scorers):
    """What the student reads about each of the cells above, all of one notebook."""
    questions, cells = [], ["import os"]
    for number, (source, _, _) in enumerate(ENDS.values(), start=1):
        test = f"def test_it(ok_{number}):\n    assert ok_{number}"
        questions.append(question(f"q{number}", case(test, question=f"q{number}")))
        cells += [f"{source}\nok_{number} = 1", f"grader.check('q{number}')"]
    config = AssessmentConfig(language="en", limits=Limits(wall_seconds=120))
    options = {"config": config, "imports": {"keras": "keras"}}
    bundle = write_bundle(tmp_path_factory.mktemp("bundle"), questions, **options)
    made = grade_submission(submit(*cells), bundle, sandbox, scorers)
    return dict(zip(ENDS, made.result.questions, strict=True))


@pytest.mark.parametrize("name", ENDS)
def test_it_is_said_what_happened_and_what_to_do(name, told):
    _, message, step = ENDS[name]
    assert told[name].score == 0
    assert message in told[name].message, told[name].message
    assert step in told[name].next_step, told[name].next_step
