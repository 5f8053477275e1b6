from __future__ import annotations

import pytest

from autograder.errors import AuthoringError
from autograder.notebook import parse_notebook, serialize_notebook, source_of
from autograder.verify import Expected, load_references


@pytest.fixture
def folder(tmp_path, solution):
    """References: a patch, a notebook, an untouched one and a hostile file that is no notebook."""
    files = {
        "failed/wrong_a.py": b"# Wrong a.\n# %% q1\na = 0\n",
        "full_score/own_way.ipynb": serialize_notebook(solution),
        "untouched/as_released.py": b"# As released.\n",
        "hostile/bomb.ipynb": b"no notebook",
        "reference.toml": b'["hostile/bomb"]\nscore = [0, 0]\n'
        b'["failed/wrong_a"]\nscore = [0, 2.5]\nfails = ["q1"]\nmessage = "m"\n',
        ".ipynb_checkpoints/x.ipynb": b"",
        "failed/__pycache__/x.pyc": b"",
    }
    for name, content in files.items():
        path = tmp_path / "reference" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "reference"


@pytest.fixture
def load(folder, solution, student, bundle):
    return lambda: load_references(folder, solution, student, bundle)


def test_references_come_with_label_description_and_submission(load):
    full, failed, hostile, untouched = load()
    assert [full.key, failed.key] == ["full_score/own_way", "failed/wrong_a"]
    assert [hostile.expected, untouched.expected] == [Expected.HOSTILE, Expected.UNTOUCHED]
    assert (failed.description, failed.label.fails) == ("Wrong a.", ("q1",))
    assert (failed.label.score, failed.label.message) == ((0, 2.5), "m")
    assert failed.submission.name == "failed-wrong_a"
    assert hostile.notebook == b"no notebook"


def test_patches_change_the_solution_and_untouched_ones_the_student_notebook(load):
    _, failed, _, untouched = load()
    sources = [source_of(cell) for cell in parse_notebook(failed.notebook).cells]
    assert "a = 0" in sources
    assert "c = 3" in sources
    sources = [source_of(cell) for cell in parse_notebook(untouched.notebook).cells]
    assert "c = ..." in sources


def test_no_folder_means_no_references(tmp_path, solution, student, bundle):
    assert load_references(tmp_path / "none", solution, student, bundle) == []


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("wrong/x.py", "", "reference/wrong: is no label; labels are full_score, partial"),
        ("failed/notes.txt", "", "is neither a notebook nor a patch"),
        ("full_score/own_way.py", "", "full_score/own_way: is there as a notebook and as a patch"),
        ("hostile/new.py", "", "hostile/new: does not say what it may get at most"),
        ("failed/x.py", "# %% q9\n", "reference/failed/x.py: question `q9` has no answer cell"),
        ("reference.toml", "['failed/x']\n", "`failed/x` is no reference"),
        ("reference.toml", "x = ", "reference.toml: is not valid TOML"),
        ("reference.toml", "['failed/wrong_a']\nfail = ['q1']\n", "key `fail`: extra inputs"),
        ("reference.toml", "['failed/wrong_a']\nfails = ['q9']\n", "unknown question `q9`"),
        ("reference.toml", "['failed/wrong_a']\nonly = ['q9']\n", "unknown question `q9`"),
        ("reference.toml", "['failed/wrong_a']\nscore = [3, 1]\n", "or its ends exchanged"),
        ("reference.toml", "['failed/wrong_a']\nscore = [0, 99]\n", "a score outside 0 to 9"),
    ],
)
def test_wrong_files_and_labels_are_named(load, folder, name, text, words):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    with pytest.raises(AuthoringError) as caught:
        load()
    assert words in str(caught.value)


def test_every_problem_is_reported_at_once(load, folder):
    (folder / "failed" / "a.py").write_text("# %% q9\n")
    (folder / "failed" / "b.py").write_text("x = 1\n# %% q1\n")
    with pytest.raises(AuthoringError) as caught:
        load()
    assert len(caught.value.problems) == 2
