from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.assign import build_release
from autograder.errors import AuthoringError
from autograder.notebook import parse_notebook, source_of

REPOSITORY = Path(__file__).parents[2]
DATA = """
import numpy as np

def make_data(seed, variant):
    rng = np.random.default_rng(seed)
    draw = lambda: {"x": rng.normal(size=(4, 2)), "y": np.arange(4)}
    return {"train": draw(), "hidden": draw()}
"""
TRAINING = """name: q1
points: 4
training:
  build: build
  train: fit
  metric: accuracy
  full_marks_at: 0.8123
  no_marks_below: 0.5
"""
FUNCTIONS = "def build():\n    return 1  # SOLUTION\n\ndef fit(m, d):\n    return 2  # SOLUTION"


def training_course(course, make, config=TRAINING, *tests, data=DATA):
    course.write("data.py", data)
    course.cells = make.question(config, *tests, solution=FUNCTIONS)
    return course


def test_building_twice_gives_the_same_bytes(course, make):
    training_course(course, make)
    assert course.build() == course.build()


def test_a_folder_with_nothing_but_a_notebook_is_a_valid_assessment(course):
    release = course.build()
    bundle = release.bundle
    assert (bundle.title, bundle.points) == ("숫자 다루기", 4.0)
    assert list(release.notebooks) == ["ko", "en"]
    assert release.public_files == {}
    assert release.metrics is None
    assert bundle.imports == {"np": "numpy"}


def test_a_notebook_of_another_name_is_the_master_if_it_is_the_only_one(course):
    course.save()
    path = course.source / "a01_numbers.ipynb"
    path.rename(course.source / "원본.ipynb")
    assert build_release(course.folder, "a01_numbers").bundle.notebook_name == "a01_numbers.ipynb"


def test_a_folder_without_a_notebook_is_named(course):
    course.write("data.py", DATA)
    with pytest.raises(AuthoringError, match=r"has no notebook; save the master as a01_numbers"):
        build_release(course.folder, "a01_numbers")


def test_every_problem_is_reported_at_once_in_the_order_of_cells(course, make):
    course.write("assessment.toml", "titel = 'x'")
    course.cells = [
        *make.question("name: q1\npoint: 1", make.code("assert nothing")),
        *make.question("name: q2"),
    ]
    lines = course.problems().split("\n")
    assert [line.split(":")[0] for line in lines] == [
        "assessment.toml",
        "a01_numbers.ipynb, cell 1 (q1)",
        "a01_numbers.ipynb, cell 7 (q1)",
        "a01_numbers.ipynb, cell 10 (q2)",
    ]
    assert lines[3].endswith(
        "question q2 has no test case; add one below its solution cell, or write `manual: true`"
    )


def test_the_title_comes_from_the_configuration_then_the_heading_then_the_id(course):
    assert course.build(course.cells[1:]).bundle.title == "a01_numbers"
    course.write("assessment.toml", "title = '숫자'")
    assert course.build().bundle.title == "숫자"


def test_titles_of_questions_are_without_markup_and_points(course):
    titles = [question.title for question in course.build().bundle.questions]
    assert titles[0] == {"ko": "1. 크기 맞추기", "en": "1. Scaling"}
    assert titles[1]["ko"] == "2. 답"


def test_every_code_cell_says_its_question_and_role(course, make):
    cell = make.code("print(scale(np.zeros(3)))")
    cell.metadata = type(cell)(tags=["try-out"], editable=False)
    course.cells.insert(7, cell)
    release = course.build()
    roles = [(cell.role, cell.question) for cell in release.bundle.cells]
    assert roles == [
        ("setup", None),
        ("setup", None),
        ("answer", "q1"),
        ("try_out", "q1"),
        ("check", "q1"),
        ("answer", "q2"),
        ("check", "q2"),
        ("check", None),
    ]
    notebook = parse_notebook(release.notebooks["ko"])
    ours = [cell.metadata.autograder for cell in notebook.cells if cell.cell_type == "code"]
    assert [(item["role"], item["question"]) for item in ours] == roles


def test_solution_notebook_differs_from_the_students_only_in_the_answers(course):
    release = course.build()
    student = parse_notebook(release.notebooks["ko"]).cells
    solution = parse_notebook(release.solution).cells
    assert len(student) == len(solution)
    changed = [a for a, b in zip(student, solution, strict=True) if a.source != b.source]
    assert [cell.metadata.autograder.role for cell in changed] == ["answer", "answer"]


def test_a_prompt_stands_for_the_solution_in_the_student_notebook_only(course, make):
    cells = make.question(
        "name: q1",
        make.code("assert answer == 42"),
        solution="# BEGIN SOLUTION NO PROMPT\nanswer = 42\n# END SOLUTION",
    )
    prompt = [make.raw("# BEGIN PROMPT"), make.code("answer = 1"), make.raw("# END PROMPT")]
    course.cells = [*cells[:2], *prompt, *cells[2:]]
    release = course.build()
    assert release.bundle.questions[0].prompts == ("answer = 1",)
    sources = [source_of(cell) for cell in parse_notebook(release.solution).cells]
    assert "answer = 1" not in sources
    assert any("answer = 42" in source for source in sources)


def test_students_never_get_hidden_tests_solutions_thresholds_or_hidden_data(course, make):
    config = '""" # BEGIN TEST CONFIG\npoints: 1\nhidden: true\n""" # END TEST CONFIG\n'
    hidden = make.code(config + "assert build() == 1 and hidden.x.shape == (4, 2)")
    release = training_course(course, make, TRAINING, hidden).build()
    shipped = b"".join([*release.notebooks.values(), *release.public_files.values()])
    for secret in (b"hidden.x", b"return 1", b"SOLUTION", b"0.8123", b"full_marks_at"):
        assert secret not in shipped
    assert list(release.public_files) == ["data/train.npz"]
    assert list(release.hidden_files) == ["hidden"]
    assert release.bundle.hidden_groups == ("hidden",)


def test_a_question_with_hidden_tests_only_does_not_claim_to_be_passed(course, make):
    course.cells = make.question("name: q1", make.code("# HIDDEN\nassert answer == 42"))
    sources = [cell.source for cell in course.build().bundle.cells if cell.role == "check"]
    assert sources == ['print("q1: 제출한 뒤에 채점합니다 · graded after you submit")']


def test_arrays_of_data_py_arrive_unchanged(course, make):
    release = training_course(course, make).build()
    with np.load(io.BytesIO(release.public_files["data/train.npz"])) as archive:
        assert archive["x"].shape == (4, 2)
        assert archive["y"].tolist() == [0, 1, 2, 3]


def test_the_content_hash_changes_with_the_hidden_data_only_there(course, make):
    first = training_course(course, make).build()
    second = training_course(course, make, data=DATA.replace("size=(4, 2)", "size=(4, 3)")).build()
    assert first.bundle.content != second.bundle.content
    assert first.bundle.model_copy(update={"content": ""}) == second.bundle.model_copy(
        update={"content": ""}
    )
    assert first.bundle.content.startswith("sha256:")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("x = 1", "has no function `make_data`"),
        ("def make_data(seed, variant):\n    return 1 / 0", "fails with ZeroDivisionError"),
        ("def make_data(seed, variant):\n    return {}", "`make_data` returns no groups"),
        (
            "def make_data(seed, variant):\n    return {'train': {'x': [1]}}",
            "`train.x` is not an array",
        ),
        (DATA.replace("(seed)\n", "()\n"), "gives other arrays for the same seed"),
        (DATA.replace('"train"', '"other"'), "public group `train` is not made by data.py"),
    ],
)
def test_what_is_wrong_with_data_py_is_named(course, make, data, words):
    assert words in training_course(course, make, data=data).problems()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("metric: accuracy", "evaluate: test", "`training.evaluate: test` is no group"),
        ("metric: accuracy", "evaluate: train", "`training.evaluate: train` is public"),
        ("metric: accuracy", "data: hidden", "`training.data: hidden` is not public"),
        ("metric: accuracy", "data: none", "`training.data: none` is no group"),
        ("metric: accuracy", "metric: metrics.py:psnr", "not a function of metrics.py"),
        ("metric: accuracy", "preprocess: clean", "names `clean`, which no code cell defines"),
        ("train: fit", "train: trian", "`training.train` names `trian`"),
        (
            "0.8123",
            "auto",
            "`training.full_marks_at` is auto, and nothing was calibrated; run `autograder calibrate ",
        ),
        ("  no_marks_below: 0.5\n", "", "`training.no_marks_below` is missing; write `auto`"),
        ("0.8123", "0.4", "`full_marks_at: 0.4` is not better"),
        ("metric: accuracy", "max_parameters: 0", "`training.max_parameters`"),
        ("points: 4\n", "", "what its training is worth is not said"),
    ],
)
def test_what_is_wrong_with_a_training_is_named(course, make, old, new, words):
    config = TRAINING.replace(old, new)
    assert words in training_course(course, make, config).problems()


def test_a_metric_of_ones_own_goes_into_the_bundle(course, make):
    course.write("metrics.py", "def psnr(y_true, y_pred):\n    return 1.0\n")
    release = training_course(course, make, TRAINING.replace("accuracy", "metrics.py:psnr")).build()
    assert release.metrics.startswith("def psnr")


def test_files_of_the_configuration_are_shipped_and_secrets_are_not(course, make):
    course.write("notes.txt", "안내")
    course.write("data.py", DATA)
    course.cells.insert(0, make.raw("# ASSIGNMENT CONFIG\nfiles: [notes.txt]"))
    assert course.build().public_files["notes.txt"].decode() == "안내"
    for name in ("data.py", "../x", "missing.txt"):
        course.cells[0] = make.raw(f"# ASSIGNMENT CONFIG\nfiles: [{name}]")
        assert f"file `{name}`" in course.problems()


def test_an_edition_without_text_is_refused(course):
    course.write("assessment.toml", "language = 'en'\neditions = ['ko']")
    assert "edition `ko` has no text" in course.problems()


def test_one_language_gives_one_notebook(course, make):
    course.cells = make.question("name: q1", make.code("assert answer"))
    assert list(course.build().notebooks) == ["ko"]


def test_a_manual_question_has_points_and_a_place_for_the_answer(course, make):
    course.cells = [
        make.raw("# BEGIN QUESTION\nname: q1\nmanual: true\npoints: 2"),
        make.markdown("## 왜 그렇습니까?"),
        make.raw("# BEGIN SOLUTION"),
        make.markdown("비밀 답"),
        make.raw("# END SOLUTION"),
        make.raw("# END QUESTION"),
    ]
    release = course.build()
    assert (release.bundle.questions[0].manual, release.bundle.points) == (True, 2.0)
    text = release.notebooks["ko"].decode()
    assert "여기에 답을 쓰십시오" in text
    assert "비밀 답" not in text


def test_fenced_otter_blocks_in_markdown_count_as_structure(course, make):
    for cell in course.cells:
        if cell.cell_type == "raw":
            fenced = make.markdown(f"```otter\n{cell.source}\n```")
            cell.update(fenced)
    assert [question.name for question in course.build().bundle.questions] == ["q1", "q2"]


def test_magics_in_given_cells_are_read_as_ipython_does(course, make):
    course.cells.insert(1, make.code("%matplotlib inline\n!ls\nfrom math import pi as 원주율"))
    course.cells.insert(2, make.code("%%time\nvalue = 3"))
    course.cells += make.question("name: q3", make.code("assert value == 3 and answer"))
    assert course.problems() == ""
    assert course.build().bundle.imports["원주율"] == "math:pi"


def test_a_name_that_the_notebook_defines_is_not_taken_from_an_import(course, make):
    course.cells.insert(1, make.code("from math import floor as scale, ceil"))
    assert course.build().bundle.imports == {"np": "numpy", "ceil": "math:ceil"}


def test_the_bundle_is_read_back_as_it_was(course):
    bundle = course.build().bundle
    assert type(bundle).model_validate_json(bundle.model_dump_json()) == bundle
    assert json.loads(bundle.model_dump_json())["questions"][0]["points"] == 3.0


def test_a_heading_just_above_a_question_is_its_title(course, make):
    cells = make.question("name: q1", make.code("assert answer"))
    del cells[1]
    first = make.markdown("소개\n\n## 문제 1. **답** (2 points)\n<!-- lang:en -->\n## Question 1")
    course.cells = [first, make.code("x = 1"), *cells]
    assert course.build().bundle.questions[0].title == {"ko": "문제 1. 답", "en": "Question 1"}


def test_importing_the_package_does_not_import_otter():
    script = "import autograder.assign, sys; assert not {'otter', 'IPython'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=REPOSITORY)


def test_an_attribute_that_only_an_answer_imports_is_the_students_own(course, make):
    solution = "# BEGIN SOLUTION\nfrom math import floor as answer\nimport math\n# END SOLUTION"
    course.cells = make.question(
        "name: q1", make.code("assert answer(2.5) == 2"), solution=solution
    )
    assert course.build().bundle.imports == {"math": "math"}


def test_a_master_without_questions_is_refused(course, make):
    assert "a01_numbers.ipynb: has no question" in course.problems([make.code("x = 1")])


def test_a_given_cell_that_is_not_python_is_named(course, make):
    course.cells.insert(0, make.code("x = = 1"))
    assert "cell 1: its code is not valid Python; run the cell and mend it" in course.problems()


def test_a_master_saved_with_windows_line_ends_is_the_same(course):
    expected = course.build()
    for cell in course.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    assert course.build() == expected


def test_settings_of_otter_are_kept(course, make):
    config = "show_question_points: true\nseed: {variable: seed, student_value: 7}"
    course.cells = [
        make.raw(f"# ASSIGNMENT CONFIG\n{config}"),
        make.code("seed = 3"),
        *make.question("name: q1\npoints: 2", make.code("assert answer == 42")),
    ]
    text = course.build().notebooks["ko"].decode()
    assert "seed = 7" in text
    assert "_Points:_ 2.0" not in text
    assert "_Points:_ 2" in text


def test_configuration_may_stand_in_a_file_of_its_own(course, make):
    course.write("config.yml", "tests: {ok_format: false}")
    test = make.code("def test_a(answer):\n    assert answer == 42")
    course.cells = [
        make.raw("# ASSIGNMENT CONFIG\nconfig_file: config.yml"),
        *make.question("name: q1", test),
    ]
    assert course.build().bundle.questions[0].test_cases[0].style == "exception"
    course.cells[0] = make.raw("# ASSIGNMENT CONFIG\nconfig_file: missing.yml")
    assert "`config_file: missing.yml` does not exist" in course.problems()
