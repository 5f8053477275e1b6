"""The student notebook works with nothing but otter-grader, whatever it is called."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

RUNNER = """
import json, sys
sys.modules["autograder"] = None  # as on a student's machine: only otter-grader is there
cells = [c for c in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]]
env = {"__name__": "__main__"}
for cell in cells:
    if cell["cell_type"] != "code":
        continue
    source = "".join(cell["source"])
    if source.startswith("grader.check("):
        result = eval(source, env)
        scores = {r.test_case.name: r.passed for r in result.test_case_results}
        print("CHECK", json.dumps([result.name, list(scores.values())]))
    elif source == "grader.check_all()":
        print("ALL", eval(source, env) is not None)
    else:
        exec(source, env)
"""


def run_notebook(folder, content, name="이름 바꿈 (1).ipynb", prelude=""):
    folder.mkdir()
    (folder / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-I", "-c", prelude + RUNNER, name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    checks = [line[6:] for line in done.stdout.splitlines() if line.startswith("CHECK ")]
    return dict(map(json.loads, checks)), done


@pytest.fixture
def release(course, make):
    test = "import math\nprint('값', math.floor(answer))\nanswer"
    course.cells += make.question(
        "name: q3",
        make.code(test, prints="값 42\n", shows="42"),
        make.code("# HIDDEN\nassert answer"),
    )
    return course.build()


def test_check_passes_on_the_solution_and_fails_on_the_student_notebook(release, tmp_path):
    solved, done = run_notebook(tmp_path / "solved", release.solution)
    assert solved == {"q1": [True], "q2": [True], "q3": [True]}, done.stderr
    assert "ALL True" in done.stdout
    untouched, done = run_notebook(tmp_path / "untouched", release.notebooks["ko"])
    assert untouched == {"q1": [False], "q2": [False], "q3": [False]}, done.stderr


def test_every_edition_works_and_writes_no_hidden_test(release, tmp_path):
    checks, done = run_notebook(tmp_path / "en", release.notebooks["en"])
    assert list(checks) == ["q1", "q2", "q3"], done.stderr
    files = sorted((tmp_path / "en" / "tests" / "a01_numbers").glob("*.py"))
    assert [path.name for path in files] == ["q1.py", "q2.py", "q3.py"]
    assert all("51.0" not in path.read_text(encoding="ascii") for path in files)


def test_tests_of_an_earlier_release_are_removed(release, tmp_path):
    stale = tmp_path / "nb" / "tests" / "a01_numbers" / "q9.py"
    prelude = f"""
import pathlib
pathlib.Path({str(stale)!r}).parent.mkdir(parents=True)
pathlib.Path({str(stale)!r}).write_text("")
"""
    run_notebook(tmp_path / "nb", release.solution, prelude=prelude)
    assert not stale.exists()
    assert (stale.parent / "q1.py").exists()


def test_without_otter_the_message_says_what_to_run_in_both_languages(release, tmp_path):
    prelude = "import sys\nsys.modules['otter'] = None\n"
    _, done = run_notebook(tmp_path / "nb", release.notebooks["ko"], prelude=prelude)
    assert '%pip install "otter-grader>=7,<8"' in done.stderr
    assert "otter-grader가 없습니다" in done.stderr
    assert "otter-grader is not installed" in done.stderr


def test_the_setup_cell_is_folded_and_the_first_code_cell(release):
    cells = json.loads(release.notebooks["ko"])["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert cells[0]["cell_type"] == "markdown"
    assert code[0]["metadata"]["jupyter"] == {"source_hidden": True}
    assert 'display-mode: "form"' in code[0]["source"].split("\n")[0]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_a_public_function_with_korean_names_is_refused_for_windows(course, make):
    def problems(test):
        cells = make.question("name: q1", make.code(test), solution="답 = 42  # SOLUTION")
        return course.problems([make.raw("# ASSIGNMENT CONFIG\ntests: {ok_format: false}"), *cells])

    test = "def test_a(답):\n    assert 답 == 42"
    assert "uses letters outside ASCII in a name" in problems(test)
    assert problems(f"# HIDDEN\n{test}") == ""


def test_statements_may_use_korean_names_on_windows_too(course, make, tmp_path):
    course.cells = make.question(
        "name: q1", make.code("assert 답 == 42, '\\\\답'"), solution="답 = 42  # SOLUTION"
    )
    checks, done = run_notebook(tmp_path / "nb", course.build().solution)
    assert checks == {"q1": [True]}, done.stderr


def test_the_last_check_is_left_out_where_the_master_says_so(course, make):
    assert b"grader.check_all()" in course.build().notebooks["ko"]
    course.cells.insert(0, make.raw("# ASSIGNMENT CONFIG\ncheck_all_cell: false"))
    assert b"grader.check_all()" not in course.build().notebooks["ko"]
