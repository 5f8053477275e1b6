"""Each authoring trap of otter-grader 7.0.0 is refused or repaired, with the cell and the fix."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from autograder.assign.code import group_statements
from autograder.notebook import parse_notebook, source_of


def texts(release, edition="ko"):
    notebook = parse_notebook(release.notebooks[edition])
    return [source_of(cell) for cell in notebook.cells]


def public_tests(release):
    """Test files that the student notebook writes, by name."""
    (setup,) = [text for text in texts(release) if text.startswith("#@title")]
    start, end = setup.index("{\n        'q1.py'"), setup.rindex("},\n)") + 1
    return eval(setup[start:end])


def run_with_otter(tmp_path, files, code):
    """Print the share of each test that otter itself says `code` passes."""
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="ascii")
    script = f"""
import json
from otter.test_files import create_test_file
from otter.nbmeta_config import NBMetadataConfig
env = {{}}
exec({code!r}, env)
scores = {{}}
for name in {sorted(files)!r}:
    test = create_test_file(name, NBMetadataConfig())
    test.run(env)
    scores[name] = [(r.passed, r.test_case.points, r.message) for r in test.test_case_results]
print(json.dumps(scores))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def with_tests(course, make, *tests, config="name: q1", **question):
    course.cells = make.question(config, *tests, **question)
    return course


class TestTrap1HiddenWord:
    def test_only_hidden_alone_on_the_first_line_hides_a_test(self, course, make):
        with_tests(
            course,
            make,
            make.code("# HIDDEN\nassert answer == 42"),
            make.code("#hidden\nassert answer == 42"),
            make.code("# the answer\nassert answer == 42"),
        )
        cases = course.build().bundle.questions[0].test_cases
        assert [case.hidden for case in cases] == [True, True, False]

    @pytest.mark.parametrize("comment", ["# check the hidden layer", "# HIDDEN TEST", "# Hidden:"])
    def test_another_comment_with_the_word_is_refused(self, course, make, comment):
        with_tests(course, make, make.code(f"{comment}\nassert answer == 42"))
        assert f"cell 7 (q1): otter would hide the test for its comment `{comment}`" in (
            course.problems()
        )

    @pytest.mark.parametrize(
        "source",
        [
            "import math\n# HIDDEN\nassert answer == 42",
            '""" # BEGIN TEST CONFIG\npoints: 1\n""" # END TEST CONFIG\n# HIDDEN\nassert answer',
        ],
    )
    def test_hidden_below_the_first_line_would_be_public_and_is_refused(self, course, make, source):
        with_tests(course, make, make.code(source))
        assert "`# HIDDEN` is not the first line" in course.problems()


class TestTrap2IgnoredCells:
    def test_cells_that_begin_like_ignore_are_kept(self, course, make):
        course.cells += [
            make.code("# Ignore TF warnings\nx = 1"),
            make.markdown("# Ignored values\nText."),
            make.code("# ignore\nsecret = 1"),
            make.code("## IGNORE ##\nsecret = 1"),
        ]
        sources = texts(course.build())
        assert "# Ignore TF warnings\nx = 1" in sources
        assert "# Ignored values\nText." in sources
        assert not any("secret" in source for source in sources)


class TestTrap3ListPoints:
    def test_students_get_the_points_of_their_public_cases(self, course, make, tmp_path):
        with_tests(
            course,
            make,
            make.code("# HIDDEN\nassert answer == 42"),
            make.code("assert answer > 0"),
            make.code("assert answer > 1"),
            config="name: q1\npoints: [5, 1, 2]",
        )
        release = course.build()
        assert [case.points for case in release.bundle.questions[0].test_cases] == [5, 1, 2]
        scores = run_with_otter(tmp_path, public_tests(release), "answer = 42")
        assert [points for _, points, _ in scores["q1.py"]] == [1, 2]


class TestTrap4SavedOutput:
    def test_stderr_is_never_expected(self, course, make):
        cell = make.code("print(answer)\nanswer", warns="TF warning", prints="42\n", shows="42")
        cases = with_tests(course, make, cell).build().bundle.questions[0].test_cases
        assert cases[0].expected_output == "42\n42\n"

    @pytest.mark.parametrize(
        ("shown", "fix"),
        [("np.True_", "bool(…)"), ("np.float64(0.5)", "float(…)"), ("np.int64(3)", "int(…)")],
    )
    def test_a_numpy_scalar_is_refused_with_the_conversion(self, course, make, shown, fix):
        with_tests(course, make, make.code("answer", shows=shown))
        assert f"depends on NumPy's version; wrap the tested expression in `{fix}`" in (
            course.problems()
        )

    def test_an_error_saved_in_the_master_is_refused(self, course, make):
        cell = make.code("assert answer == 43")
        error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
        cell.outputs = [type(cell)(error)]
        assert "its saved output is an error" in with_tests(course, make, cell).problems()

    def test_a_value_without_saved_output_is_refused(self, course, make):
        with_tests(course, make, make.code("answer == 42"))
        assert "shows a value but no output is saved" in course.problems()

    def test_a_progress_bar_is_refused(self, course, make):
        with_tests(course, make, make.code("answer", prints="1/1 - 12ms/step\n"))
        assert "pass `verbose=0`" in course.problems()


class TestTrap5SolutionLines:
    @pytest.mark.parametrize(
        ("line", "released"),
        [
            ("x == y # SOLUTION", "..."),
            ("x = y == 3 # SOLUTION", "x = ..."),
            ("d['k'] = f(d[0] == 3)  # SOLUTION", "d['k'] = ..."),
            ("a, (b) = 1, 2  # SOLUTION", "a, (b) = ..."),
            ("값 = '한글'  # SOLUTION", "값 = ..."),
            ("x: int = 5  # SOLUTION", "x: int = ..."),
            ("x += 5  # SOLUTION", "..."),
            ("f(a=1)  # SOLUTION", "..."),
        ],
    )
    def test_a_marked_line_keeps_its_targets_and_nothing_else(self, course, make, line, released):
        given = "x = y = a = b = 0\nd, f = {}, print"
        with_tests(course, make, make.code("assert True"), solution=f"{given}\n{line}")
        answer = course.build().bundle.questions[0].prompts[0].split("\n")[-1]
        assert answer.rstrip() == released

    def test_the_end_of_a_call_of_several_lines_is_refused(self, course, make):
        with_tests(
            course,
            make,
            make.code("assert answer"),
            solution="answer = max(\n    1,\n    2)  # SOLUTION",
        )
        assert "cell 4 (q1): `# SOLUTION` in line 3 is part of a statement of several lines" in (
            course.problems()
        )

    @pytest.mark.parametrize("header", ["if True:  # SOLUTION", "for i in range(3):  # SOLUTION"])
    def test_a_marker_on_a_block_header_is_refused(self, course, make, header):
        with_tests(course, make, make.code("assert True"), solution=f"{header}\n    secret = 1")
        assert "is part of a statement of several lines" in course.problems()


class TestTrap6SolutionsOutsideTheirBlock:
    @pytest.mark.parametrize(
        "source",
        [
            "secret = 42  # SOLUTION",
            "# BEGIN SOLUTION\nsecret = 42\n# END SOLUTION",
            "secret = 42  # solution",
            "secret = f(\n    42)  # SOLUTION NO PROMPT",
        ],
    )
    def test_a_marker_in_a_given_cell_is_refused(self, course, make, source):
        course.cells.append(make.code(source))
        assert "outside a solution block, so students would get the line" in course.problems()

    def test_a_marker_in_a_test_is_refused(self, course, make):
        with_tests(course, make, make.code("assert answer == 42  # SOLUTION"))
        assert "cell 7 (q1): `# SOLUTION` in line 1 is outside" in course.problems()

    def test_a_solution_cell_without_any_marker_is_refused(self, course, make):
        with_tests(course, make, make.code("assert answer"), solution="answer = 42")
        assert "cell 4 (q1): students would get this whole solution cell" in course.problems()

    @pytest.mark.parametrize(
        ("source", "words"),
        [
            ("# SOLUTION\nanswer = 42", "stands alone in line 1"),
            ("answer = 42  # solution", "is not read as a marker"),
            ("#BEGIN SOLUTION\nanswer = 42\n# END SOLUTION", "is not read as a marker"),
            ("# BEGIN SOLUTION\nanswer = 42", "line 1 is never ended"),
            ("answer = 42\n# END SOLUTION", "line 2 ends nothing"),
            ("answer = 42  # BEGIN SOLUTION\n# END SOLUTION", "shares its line with code"),
            ("answer = 42  # SOLUTION: because", "is not read as a marker"),
        ],
    )
    def test_a_marker_that_otter_misreads_is_refused(self, course, make, source, words):
        with_tests(course, make, make.code("assert answer"), solution=source)
        assert words in course.problems()

    def test_stripping_everywhere_is_kept_where_the_author_asks_for_it(self, course, make):
        config = make.raw("# ASSIGNMENT CONFIG\nstrip_solutions_from_all_cells: true")
        course.cells = [config, *course.cells, make.code("value == 3 # SOLUTION")]
        course.cells.insert(1, make.code("value = 3"))
        sources = texts(course.build())
        assert not any("value == 3" in source for source in sources)


class TestTrap7OkStyleDoctests:
    TEST = """\
import functools

@functools.cache
def twice(x):
    # a comment, then an empty line

    return 2 * x

try:
    [][0]
except (IndexError, KeyError):
    text = '''two

lines'''
else:
    text = ''
for _ in range(1):
    print("first")
    print()
print(twice(answer), len(text))"""

    def test_decorators_except_tuples_and_several_prints_work(self, course, make, tmp_path):
        with_tests(course, make, make.code(self.TEST, prints="first\n\n84 10\n"))
        tests = public_tests(course.build())
        assert [case[0] for case in run_with_otter(tmp_path, tests, "answer = 42")["q1.py"]] == [
            True
        ]
        assert [case[0] for case in run_with_otter(tmp_path, tests, "answer = 41")["q1.py"]] == [
            False
        ]

    def test_statements_keep_their_decorators_and_share_a_line(self):
        groups = group_statements("a = 1; b = 2\n\n@f\ndef g(): pass\n")
        assert [lines for _, lines in groups] == [["a = 1; b = 2"], ["@f", "def g(): pass"]]


EXCEPTIONS = "# ASSIGNMENT CONFIG\ntests:\n  ok_format: false"


class TestTrap8DoubleFunctions:
    def test_two_tests_of_one_name_are_refused(self, course, make):
        test = "def test_answer(answer):\n    assert answer == 42"
        with_tests(course, make, make.code(test), make.code(test))
        course.cells.insert(0, make.raw(EXCEPTIONS))
        assert "cell 9 (q1): a second test of q1 is called `test_answer`" in course.problems()

    def test_one_name_in_two_questions_is_fine(self, course, make):
        test = make.code("def test_answer(answer):\n    assert answer == 42\ntest_answer(answer)")
        course.cells = [
            make.raw(EXCEPTIONS),
            *make.question("name: q1", test),
            *make.question("name: q2", test),
        ]
        assert course.problems() == ""


class TestTrap9Quotes:
    MESSAGE = """It's "wrong" \\ 틀렸습니다"""

    @pytest.mark.parametrize("style", ["ok", "exception"])
    def test_messages_with_quotes_and_korean_arrive_whole(self, course, make, tmp_path, style):
        config = f"failure_message: '{self.MESSAGE.replace(chr(39), chr(39) * 2)}'"
        body = {
            "ok": "assert answer == 42, '한글'",
            "exception": "import math\n\ndef test_it(answer):\n    assert math.floor(answer) == 42",
        }[style]
        cell = make.code(f'""" # BEGIN TEST CONFIG\n{config}\n""" # END TEST CONFIG\n{body}')
        with_tests(course, make, cell)
        if style == "exception":
            course.cells.insert(0, make.raw(EXCEPTIONS))
        release = course.build()
        assert release.bundle.questions[0].test_cases[0].failure_message == self.MESSAGE
        tests = public_tests(release)
        assert tests["q1.py"].isascii()
        assert run_with_otter(tmp_path, tests, "answer = 42")["q1.py"][0][0] is True
        ((passed, _, message),) = run_with_otter(tmp_path, tests, "answer = 1")["q1.py"]
        assert not passed
        assert ("한글" in message) is (style == "ok")


class TestTrap10MissingEnds:
    @pytest.mark.parametrize("kind", ["QUESTION", "SOLUTION", "TESTS"])
    def test_a_missing_end_is_refused_and_names_its_begin(self, course, make, kind):
        with_tests(course, make, make.code("assert answer"))
        course.cells += make.question("name: q2", make.code("assert answer"))
        ends = [i for i, cell in enumerate(course.cells) if cell.source == f"# END {kind}"]
        del course.cells[ends[0]]
        begin = {"QUESTION": 1, "SOLUTION": 3, "TESTS": 6}[kind]
        expected = f"cell {begin} (q1): `# BEGIN {kind}` has no `# END {kind}`"
        assert expected in course.problems()

    def test_the_last_missing_end_is_refused_too(self, course):
        del course.cells[-1]
        assert "(q2): `# BEGIN QUESTION` has no `# END QUESTION`" in course.problems()

    def test_an_end_without_a_begin_is_refused(self, course, make):
        course.cells.append(make.raw("# END QUESTION"))
        assert "`# END QUESTION` ends nothing" in course.problems()

    @pytest.mark.parametrize("line", ["# BEGIN TEST", "#END QUESTION", "# BEGIN QUESTION q9"])
    def test_structure_that_otter_does_not_read_is_refused(self, course, make, line):
        course.cells.append(make.raw(line))
        assert f"`{line}` is not read as structure" in course.problems()

    def test_structure_in_a_code_cell_is_refused(self, course, make):
        course.cells.append(make.code("# BEGIN TESTS\n"))
        assert "`# BEGIN TESTS` is not read as structure" in course.problems()


class TestTrap11UnknownKeys:
    @pytest.mark.parametrize(
        ("config", "words"),
        [
            ("name: q1\npoint: 2", "unknown key `point`; known keys are name, points"),
            ("name: q1\ntraining:\n  epochs: 3\n  full_marks_at: 1\n  no_marks_below: 0",
             "unknown key `training.epochs`; known keys are build, train"),
        ],
    )  # fmt: skip
    def test_an_unknown_key_of_a_question_is_refused(self, course, make, config, words):
        with_tests(course, make, make.code("assert answer"), config=config)
        assert words in course.problems()

    def test_an_unknown_key_of_a_test_is_refused(self, course, make):
        source = '""" # BEGIN TEST CONFIG\npoint: 1\n""" # END TEST CONFIG\nassert answer'
        with_tests(course, make, make.code(source))
        assert "unknown test key `point`; known keys are hidden, points" in course.problems()

    @pytest.mark.parametrize(
        ("config", "key"),
        [("test: {}", "test"), ("tests: {okformat: false}", "tests.okformat")],
    )
    def test_an_unknown_key_of_the_assignment_is_refused(self, course, make, config, key):
        course.cells.insert(0, make.raw(f"# ASSIGNMENT CONFIG\n{config}"))
        assert f"has an unknown key `{key}`; known keys there are" in course.problems()


class TestTrap12KernelSpecs:
    def test_a_master_without_a_kernel_spec_is_built(self, course):
        course.save()
        path = course.source / "a01_numbers.ipynb"
        data = json.loads(path.read_text(encoding="utf-8"))
        del data["metadata"]["kernelspec"]
        path.write_text(json.dumps(data), encoding="utf-8")
        from autograder.assign import build_release

        release = build_release(course.folder, "a01_numbers")
        assert parse_notebook(release.solution).metadata.kernelspec.name == "python3"

    def test_a_notebook_of_another_language_is_refused(self, course):
        course.save()
        path = course.source / "a01_numbers.ipynb"
        data = json.loads(path.read_text(encoding="utf-8"))
        data["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
        path.write_text(json.dumps(data), encoding="utf-8")
        from autograder.assign import build_release
        from autograder.errors import AuthoringError

        with pytest.raises(AuthoringError, match="is a notebook for r; choose a Python kernel"):
            build_release(course.folder, "a01_numbers")
