"""Examples and tables in README.md and docs/ are held against the code that they describe."""

import json
import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import nbformat
import pytest
import yaml

from autograder import notebook
from autograder.assign import build_release
from autograder.assign.measured import Numbers, read_measured
from autograder.report.wording import Wording, name_outcome
from autograder.schema import AssessmentConfig, Outcome, Result, TrainingSpec
from autograder.verify import Expected, Label, load_references

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
CELLS = {
    "yaml": nbformat.v4.new_raw_cell,
    "markdown": nbformat.v4.new_markdown_cell,
    "python": nbformat.v4.new_code_cell,
}


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def find_blocks(text, language=None):
    found = [(kind, body) for _, kind, body in FENCE.findall(text)]
    return [body for kind, body in found if kind == language] if language else found


def find_rows(text, head):
    """Cells of the table whose header line begins with `head`."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(head)) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder with the first assessment of instructors.md."""
    text = read("docs/instructors.md")
    folder = tmp_path_factory.mktemp("course") / "solutions" / "a01_line"
    folder.mkdir(parents=True)
    example = text.partition("<!-- example:begin -->")[2].partition("<!-- example:end -->")[0]
    cells = [CELLS[kind](body.rstrip("\n")) for kind, body in find_blocks(example)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "a01_line.ipynb")
    data = next(body for body in find_blocks(text, "python") if body.startswith("# data.py"))
    (folder / "data.py").write_text(data, encoding="utf-8")
    return folder.parents[1]


def test_first_assessment_of_the_instructors_page_can_be_built(course):
    release = build_release(course, "a01_line")
    assert [(one.name, one.points) for one in release.bundle.questions] == [("q1", 2), ("q2", 4)]
    assert [case.hidden for case in release.bundle.questions[0].test_cases] == [False, True]
    assert release.bundle.questions[1].training.points == 4
    assert set(release.public_files) == {"data/train.npz"}
    assert set(release.hidden_files) == {"hidden"}


def test_students_of_the_first_assessment_get_neither_solution_nor_hidden_test(course):
    release = build_release(course, "a01_line")
    (student,) = release.notebooks.values()
    assert b"test_middle_is_zero" in student
    assert b"x / 50" not in student
    assert b"test_any_batch" not in student


def test_reference_of_the_instructors_page_is_read_with_its_label(course):
    text = read("docs/instructors.md")
    folder = course / "solutions" / "a01_line" / "reference"
    (folder / "failed").mkdir(parents=True)
    patch = next(body for body in find_blocks(text, "python") if "# %% q1" in body)
    label = next(body for body in find_blocks(text, "toml") if "no_shift" in body)
    (folder / "failed" / "no_shift.py").write_text(patch, encoding="utf-8")
    (folder / "reference.toml").write_text(label, encoding="utf-8")
    release = build_release(course, "a01_line")
    solution = notebook.parse_notebook(release.solution)
    student = notebook.parse_notebook(release.notebooks["ko"])
    (reference,) = load_references(folder, solution, student, release.bundle)
    assert reference.label == Label(fails=("q1",), score=(4, 5), message="fixed number")
    assert b'(x / 50).astype(\\"float32\\")' in reference.notebook


def test_every_label_of_a_reference_is_described():
    rows = find_rows(read("docs/instructors.md"), "| folder | the submission must |")
    assert {row[0].strip("`/") for row in rows} == set(Expected)


def test_assessment_toml_example_shows_every_key_with_its_default():
    text = next(b for b in find_blocks(read("docs/instructors.md"), "toml") if "[limits]" in b)
    shown = tomllib.loads(text)
    default = AssessmentConfig().model_dump(mode="json")
    default["title"], _ = shown["title"], default.pop("due")
    assert default["variants"].pop("margin") is None  # which TOML cannot say
    assert AssessmentConfig.model_validate(shown)
    assert shown == default


def test_training_keys_are_described_with_their_defaults():
    rows = find_rows(read("docs/instructors.md"), "| key | default | means |")
    described = {row[0].strip("`"): row[1].strip("`") for row in rows}
    fields = TrainingSpec.model_fields
    assert set(described) == set(fields)
    for name, default in described.items():
        if default == "required":
            assert fields[name].is_required(), name
        elif default == "none":
            assert fields[name].default in (None, ()), name
        elif default != "the rest":
            assert str(fields[name].default).lower() == default, name


def test_question_of_the_readme_has_a_valid_training():
    question = yaml.safe_load(find_blocks(read("README.md"), "yaml")[0])
    numbers = Numbers(question["name"], read_measured(DOCS.parent / "solutions/a01_digits", "a01"))
    spec = TrainingSpec.model_validate(numbers.fill_thresholds(question["training"]))
    assert spec.no_marks_below < spec.full_marks_at
    assert numbers.multiply_time(float(question["time_limit"].rstrip("x")), question["time_limit"])
    assert numbers.problems == []


def test_result_example_is_a_whole_result():
    shown = json.loads(find_blocks(read("docs/formats.md"), "json")[0])
    result = Result.model_validate(shown)
    assert json.loads(result.model_dump_json()) == shown
    assert sum(case.score for case in result.questions[0].test_cases) == result.score


def test_outcomes_are_described_to_programs_and_staff():
    for page in ("docs/formats.md", "docs/tas.md"):
        assert all(f"`{outcome}`" in read(page) for outcome in Outcome), page


@pytest.mark.parametrize(("language", "page"), [("en", "students.md"), ("ko", "students.ko.md")])
def test_students_read_the_words_of_their_feedback_page(language, page):
    text = (DOCS / page).read_text(encoding="utf-8")
    head = {"en": "| verdict |", "ko": "| 결과 |"}[language]
    words = {word for row in find_rows(text, head) for word in row[0].split(", ")}
    outcomes = set(Outcome) - {Outcome.GRADER_ERROR}
    assert words == {name_outcome(Wording(language), outcome) for outcome in outcomes}


def test_both_student_pages_have_the_same_parts():
    pages = [
        (DOCS / name).read_text(encoding="utf-8") for name in ("students.md", "students.ko.md")
    ]
    korean, english = (
        [len(find_rows(page, "| ")), *re.findall(r"^#+", page, re.M)] for page in pages
    )
    assert korean == english


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = [re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings]
            assert anchor in anchors, target


def test_picture_is_well_formed_and_its_text_is_text():
    tree = ET.parse(DOCS / "flow.svg")  # our own file
    texts = [node.text for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Master notebook", "Kernel", "Scorer"} <= set(texts)
    assert "prefers-color-scheme: dark" in read("docs/flow.svg")
