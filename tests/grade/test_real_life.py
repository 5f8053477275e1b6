"""Notebooks as students write them, and the grading traps of other systems (docs/formats.md)."""

from __future__ import annotations

import numpy as np
import pytest

from autograder import notebook
from autograder.schema import AssessmentConfig, Limits, Outcome, ReleasedCell, Submission
from tests.grade.conftest import case, question, submit, write_bundle

DOUBLE = "def test_it(double):\n    assert double(2) == 4"
TRIPLE = "def test_it(triple):\n    assert triple(2) == 6"
RIGHT = "def double(x):\n    return 2 * x"
RIGHT_TOO = "def triple(x):\n    return 3 * x"
CHECK, CHECK_TOO = "grader.check('q1')", "grader.check('q2')"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """Two questions: `double` and `triple`, one public and one hidden test each."""
    hidden = "double(3)\ndouble(np.arange(2))"
    return write_bundle(
        tmp_path_factory.mktemp("bundle"),
        [
            question(
                "q1",
                case(DOUBLE),
                case(hidden, number=2, style="ok", expected_output="6\narray([0, 2])", hidden=True),
                prompts=("def double(x):\n    ...",),
            ),
            question(
                "q2",
                case(TRIPLE, question="q2"),
                prompts=("def triple(x):\n    ...",),
            ),
        ],
        imports={"np": "numpy"},
        cells=(
            ReleasedCell(source="import numpy as np", role="setup"),
            ReleasedCell(source="def double(x):\n    ...", role="answer", question="q1"),
            ReleasedCell(source=CHECK, role="check", question="q1"),
            ReleasedCell(source="raise SystemExit('slow plot')", role="try_out", question="q1"),
            ReleasedCell(source="def triple(x):\n    ...", role="answer", question="q2"),
            ReleasedCell(source=CHECK_TOO, role="check", question="q2"),
        ),
        config=AssessmentConfig(language="en", limits=Limits(wall_seconds=120, memory_mib=1500)),
    )


def _scores(result):
    return [item.score for item in result.questions]


def test_a_right_notebook_earns_full_marks(bundle, grade):
    result = grade(
        bundle, "import otter\ngrader = otter.Notebook()", RIGHT, CHECK, RIGHT_TOO, CHECK_TOO
    )
    assert _scores(result) == [2, 1]
    assert [item.outcome for item in result.questions] == [Outcome.PASSED, Outcome.PASSED]
    assert result.score == result.points == 3


@pytest.mark.parametrize(
    "cells",
    [
        [RIGHT, RIGHT_TOO],
        [RIGHT, CHECK, CHECK, RIGHT_TOO, CHECK, CHECK_TOO],
        [CHECK, CHECK_TOO, RIGHT, RIGHT_TOO],
        [RIGHT, "grader.check('q1')\nprint('edited')", RIGHT_TOO, "grader.check_all()"],
        [f"%tensorflow_version 2.x\n{RIGHT}", CHECK, RIGHT_TOO, CHECK_TOO],
        [
            f"from google.colab import drive\ndrive.mount('/content/drive')\n{RIGHT}",
            CHECK,
            RIGHT_TOO,
        ],
        [f"import sys\nprint('W tensorflow: warning', file=sys.stderr)\n{RIGHT}", CHECK, RIGHT_TOO],
        ["input('name? ')", RIGHT, CHECK, RIGHT_TOO, CHECK_TOO],
        [f"%%writefile answer.py\n{RIGHT}", "from answer import double", CHECK, RIGHT_TOO],
        ["double = None", CHECK, RIGHT_TOO, CHECK_TOO, RIGHT],
        [f"{RIGHT}\nx = (7\n  % 4)", CHECK, RIGHT_TOO, CHECK_TOO],
        [RIGHT, "raise SystemExit('slow plot')", CHECK, RIGHT_TOO, CHECK_TOO],
    ],
    ids=[
        "check cells deleted",
        "check cells duplicated",
        "answers below the checks",
        "check cell edited",
        "Colab magic",
        "Colab drive",
        "warning on stderr",
        "input()",
        "answer in a written module",
        "answered again at the end",
        "continuation line that begins with %",
        "unchanged try-out is skipped",
    ],
)
def test_it_makes_no_difference(cells, bundle, grade):
    assert _scores(grade(bundle, *cells)) == [2, 1]


def test_a_cell_that_kills_the_kernel_costs_its_own_question(bundle, grade):
    result = grade(bundle, "import os\nos._exit(3)", CHECK, RIGHT_TOO, CHECK_TOO)
    assert _scores(result) == [0, 1]
    assert result.questions[0].outcome is Outcome.ERROR
    assert "ended the kernel" in result.questions[0].message


@pytest.mark.slow
def test_an_uninterruptible_loop_costs_its_own_question(bundle, grade):
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"
    result = grade(bundle, RIGHT_TOO, CHECK_TOO, deaf, CHECK)
    assert _scores(result) == [0, 1]
    assert result.questions[0].outcome is Outcome.TIME_LIMIT
    assert "cell 3" in result.questions[0].message


@pytest.mark.slow
def test_a_loop_in_a_called_function_ends_at_the_limit(bundle, grade):
    result = grade(bundle, "def double(x):\n    while True:\n        pass", CHECK, RIGHT_TOO)
    assert [item.outcome for item in result.questions] == [Outcome.TIME_LIMIT, Outcome.PASSED]
    assert 10 <= result.questions[0].cpu_seconds < 13


def test_a_memory_hog_ends_at_its_limit_and_the_rest_counts(bundle, grade):
    hog = "blocks = []\nimport time\nfor _ in range(80):\n    blocks.append(b'x' * 50_000_000)\n    time.sleep(0.02)"
    result = grade(bundle, hog, CHECK, RIGHT_TOO, CHECK_TOO)
    assert [item.outcome for item in result.questions] == [Outcome.MEMORY_LIMIT, Outcome.PASSED]


def test_the_students_own_traceback_is_shown_and_never_the_tests_source(bundle, grade):
    result = grade(bundle, "def double(x):\n    return helper(x)", CHECK, RIGHT_TOO)
    first = result.questions[0]
    assert first.outcome is Outcome.ERROR
    assert first.error is not None
    assert "return helper(x)" in first.error.traceback
    assert "assert" not in first.error.traceback
    assert "helper" in first.message


def test_a_hidden_test_says_nothing_of_its_values_to_students(bundle, grade):
    result = grade(bundle, "def double(x):\n    return 41", CHECK, RIGHT_TOO)
    public, hidden = result.questions[0].test_cases
    assert public.message == "The check did not pass: assert double(2) == 4"
    assert hidden.hidden
    assert hidden.message == "A hidden check did not pass."
    assert "6" in hidden.staff_message


def test_an_unfilled_answer_is_said_to_be_unfilled(bundle, grade):
    result = grade(
        bundle, "import numpy as np", "def double(x):\n    ...", CHECK, RIGHT_TOO, CHECK_TOO
    )
    assert _scores(result) == [0, 1]
    assert result.questions[0].outcome is Outcome.FAILED
    assert "not filled in" in result.questions[0].message


def test_a_windows_path_is_named(bundle, grade):
    result = grade(bundle, f"open('C:\\Users\\me\\data.csv')\n{RIGHT}", CHECK, RIGHT_TOO)
    assert "Windows" in result.questions[0].message + result.questions[0].next_step


def test_a_name_of_an_old_kernel_is_named(bundle, grade):
    result = grade(bundle, "double = double", CHECK, RIGHT_TOO, CHECK_TOO)
    assert "kernel" in result.questions[0].message + result.questions[0].next_step


def test_globals_of_a_later_question_do_not_spoil_an_earlier_one(bundle, grade):
    result = grade(bundle, RIGHT, CHECK, "def double(x):\n    return 0", RIGHT_TOO, CHECK_TOO)
    assert _scores(result) == [2, 1]


def test_a_hostile_reply_does_not_cost_the_other_question(bundle, grade):
    closed = "def double(x):\n    for comm in list(get_ipython().kernel.comm_manager.comms.values()):\n        comm.send({'id': 1, 'reply': 5})\n    return 4"
    result = grade(bundle, closed, CHECK, RIGHT_TOO, CHECK_TOO)
    assert result.outcome == "graded"
    assert result.questions[0].score == 0
    assert result.questions[0].outcome is Outcome.FORGED
    assert result.questions[1].score == 1


@pytest.mark.parametrize(
    "content", [b"", b"{", b"%PDF-1.7", b'{"cells": 5}', b"\xff\xfe\x00", b"[]"]
)
def test_a_broken_notebook_is_graded_zero_with_a_reason(content, bundle, grade):
    result = grade(bundle, Submission(name="b", student="b", notebook=content))
    assert result.outcome == "graded"
    assert result.score == 0
    assert result.message


@pytest.mark.parametrize("minor", [0, 2, 4, 5])
def test_old_notebook_formats_and_missing_metadata_are_fine(minor, bundle, grade):
    cells = [
        {"cell_type": "code", "metadata": {}, "source": [text], "outputs": [], "execution_count": 1}
        for text in (RIGHT, CHECK, RIGHT_TOO)
    ]
    cells[0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x" * 1_000_000]}]
    content = {"nbformat": 4, "nbformat_minor": minor, "metadata": {}, "cells": cells}
    import json

    submission = Submission(name="o", student="o", notebook=json.dumps(content).encode())
    assert _scores(grade(bundle, submission)) == [2, 1]


def test_an_english_edition_is_answered_in_english_and_a_korean_one_in_korean(bundle, grade):
    made = notebook.make_notebook([notebook.make_code_cell(RIGHT)])
    made.metadata["autograder"] = {"edition": "ko"}
    submission = Submission(name="k", student="k", notebook=notebook.serialize_notebook(made))
    assert grade(bundle, submission).questions[0].message == "모든 검사를 통과했습니다."
    assert grade(bundle, RIGHT).questions[0].message == "All checks passed."


def test_arguments_changed_in_place_are_seen_by_the_test(tmp_path, grade):
    source = "def test_it(clean):\n    import numpy as np\n    x = np.ones(3)\n    clean(x)\n    assert (x == 1).all(), 'changed'"
    bundle = write_bundle(tmp_path, [question("q1", case(source))])
    assert grade(bundle, "def clean(x):\n    x[0] = 5").score == 0
    assert grade(bundle, "def clean(x):\n    return x * 0").score == 1


def test_a_students_exception_is_the_builtin_one_in_the_test(tmp_path, grade):
    source = "def test_it(root):\n    import pytest\n    with pytest.raises(ValueError):\n        root(-1)"
    bundle = write_bundle(tmp_path, [question("q1", case(source))])
    assert grade(bundle, "def root(x):\n    raise ValueError('negative')").score == 1
    assert grade(bundle, "def root(x):\n    return 0").score == 0


def test_all_or_nothing_and_shared_isolation(tmp_path, grade):
    cases = (
        case("def test_a(f):\n    assert f() == 1"),
        case("def test_b(f):\n    assert f() == 2", number=2),
    )
    strict = question("q1", *cases, all_or_nothing=True)
    shared = question(
        "q2", case("f()", question="q2", style="ok", expected_output="1"), isolation="shared"
    )
    bundle = write_bundle(tmp_path, [strict, shared])
    result = grade(bundle, "def f():\n    return 1")
    assert _scores(result) == [0, 1]
    assert result.questions[1].isolation == "shared"


def test_tables_tensors_and_handles_cross(tmp_path, grade):
    source = (
        "def test_it(table, thing, numbers):\n"
        "    assert list(table['a']) == [1, 2] and table.shape == (2, 1)\n"
        "    assert thing.size == 3 and thing.twice(4) == 8 and len(thing) == 2 and list(thing) == [5, 6]\n"
        "    assert thing['k'] == 'K'\n"
        "    assert numbers == {1: (2.0, [None, True])}"
    )
    cell = (
        "import pandas as pd\ntable = pd.DataFrame({'a': [1, 2]})\n"
        "class Thing:\n    size = 3\n    def twice(self, x): return 2 * x\n    def __len__(self): return 2\n"
        "    def __iter__(self): return iter([5, 6])\n    def __getitem__(self, key): return key.upper()\n"
        "thing = Thing()\nnumbers = {1: (2.0, [None, True])}"
    )
    bundle = write_bundle(tmp_path, [question("q1", case(source))])
    result = grade(bundle, cell)
    assert result.score == 1, result.questions[0].test_cases[0].staff_message


def test_public_files_win_over_uploaded_ones(tmp_path, grade):
    bundle = write_bundle(
        tmp_path,
        [question("q1", case("def test_it(data):\n    assert data.sum() == 6"))],
        public={"x": np.arange(4)},
    )
    cell = "import numpy as np, os\ndata = np.load('data/train.npz')['x']\nown = open('own.txt').read()"
    submission = submit(cell).model_copy(
        update={"files": {"data/train.npz": b"mine", "own.txt": b"kept"}}
    )
    assert grade(bundle, submission).score == 1


def test_a_question_that_a_person_grades_is_passed_over(tmp_path, grade):
    bundle = write_bundle(
        tmp_path,
        [question("q1", case(DOUBLE)), question("q2", points=3, manual=True)],
        cells=(ReleasedCell(source="print('by hand')", role="check", question="q2"),),
    )
    result = grade(bundle, RIGHT, CHECK, "grader.check('q2')", "print('by hand')")
    assert (result.outcome, result.score, result.points) == ("graded", 1, 1)
    assert result.questions[1].manual


def test_questions_may_be_graded_by_themselves(bundle, grade):
    alone = bundle.select(["q2"])
    result = grade(alone, RIGHT, CHECK, RIGHT_TOO, CHECK_TOO)
    assert [(item.name, item.score) for item in result.questions] == [("q2", 1)]
    assert bundle.select([]) == bundle
