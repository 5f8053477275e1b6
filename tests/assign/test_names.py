from __future__ import annotations

import pytest

DATA = """
import numpy as np

def make_data(seed, variant):
    return {"train": {"x": np.zeros(3), "y": np.zeros(3)},
            "hidden": {"x": np.zeros(3), "y": np.zeros(3)}}
"""
TRAINED = """name: q2
points: 2
training: {build: build, train: train, full_marks_at: 0.9, no_marks_below: 0.5}
"""
SOLUTION = "def build(): return 1  # SOLUTION\ndef train(m, d): return 2  # SOLUTION"
CONFIG = '""" # BEGIN TEST CONFIG\npoints: 1\nhidden: %s\n""" # END TEST CONFIG\n%s'


def with_training(course, make, first, second):
    course.write("data.py", DATA)
    course.cells = [
        *make.question("name: q1", make.code(first)),
        *make.question(TRAINED, make.code(second), solution=SOLUTION),
    ]
    return course.problems()


def test_hidden_tests_may_use_hidden_data_and_the_trained_model(course, make):
    second = CONFIG % ("true", "assert trained_model and history and hidden.x.size")
    assert with_training(course, make, "# HIDDEN\nassert hidden.y.size", second) == ""


@pytest.mark.parametrize("name", ["hidden.x", "trained_model", "history"])
def test_a_public_test_may_not_use_what_only_hidden_tests_have(course, make, name):
    problems = with_training(course, make, "assert answer", CONFIG % ("false", f"assert {name}"))
    assert f"a public test uses `{name.split('.')[0]}`, which only hidden tests have" in problems


def test_the_trained_model_does_not_exist_before_its_question(course, make):
    first = "# HIDDEN\nassert trained_model"
    problems = with_training(course, make, first, CONFIG % ("true", "assert build"))
    assert "`trained_model` is used before the training question" in problems


def test_without_a_training_question_history_is_an_ordinary_name(course, make):
    course.cells = make.question(
        "name: q1", make.code("assert history"), solution="history = 1  # SOLUTION"
    )
    assert course.problems() == ""


def test_a_hidden_group_may_not_be_a_name_of_the_notebook(course, make):
    course.write("data.py", DATA)
    course.cells.append(make.code("hidden = 3"))
    assert "data.py: hidden group `hidden` is also a name of the notebook" in course.problems()


@pytest.mark.parametrize(
    "source",
    [
        "assert answr == 42",
        "assert [answr for _ in range(3)]",
        "def f():\n    return answr\nassert f()",
    ],
)
def test_a_name_that_nothing_defines_is_refused(course, make, source):
    course.cells = make.question("name: q1", make.code(source))
    assert "cell 7 (q1): the test uses `answr`, which no code cell defines" in course.problems()


def test_a_name_defined_by_another_test_only_is_refused(course, make):
    tests = [make.code("import math\nassert math.pi"), make.code("assert math.floor(answer)")]
    course.cells = make.question("name: q1", *tests)
    assert "cell 8 (q1): the test uses `math`" in course.problems()


def test_a_star_import_leaves_names_unjudged(course, make):
    course.cells = [
        make.code("from math import *"),
        *make.question("name: q1", make.code("assert floor(answer)")),
    ]
    assert course.problems() == ""


class TestFunctions:
    """Tests in exception style, which otter runs without the notebook's globals."""

    def problems(self, course, make, source):
        course.cells = [
            make.raw("# ASSIGNMENT CONFIG\ntests: {ok_format: false}"),
            make.code("import numpy as np"),
            *make.question("name: q1", make.code(source)),
        ]
        return course.problems()

    def test_imports_of_the_notebook_are_there_for_students_too(self, course, make):
        source = "def test_a(answer):\n    assert np.floor(answer) == 42\n\ntest_a(answer)"
        assert self.problems(course, make, source) == ""
        release = course.build()
        assert release.bundle.questions[0].test_cases[0].source == source.partition("\n\n")[0]
        assert b"import numpy as np\\\\n" in release.notebooks["ko"]

    @pytest.mark.parametrize(
        ("source", "words"),
        [
            ("def test_a():\n    assert answer", "write `def test_a(answer)`"),
            ("def test_a(answer, tol=1):\n    assert answer", "otter passes None for them"),
            ("def test_a(env):\n    assert env", "takes `env`"),
            ("def check(answer):\n    assert answer", "is not called `test_*`"),
            ("assert answer == 42", "holds more than imports, one function"),
            ("x = 3\ndef test_a(answer):\n    assert answer", "holds more than imports"),
            ("def test_a(answer:\n    pass", "the test is not valid Python"),
        ],
    )
    def test_what_otter_would_run_differently_is_refused(self, course, make, source, words):
        assert words in self.problems(course, make, source)

    def test_a_function_alone_in_ok_style_tests_nothing(self, course, make):
        source = "def test_a(answer):\n    assert answer"
        course.cells = make.question("name: q1", make.code(source))
        assert "the test only defines `test_a`, so it tests nothing" in course.problems()
