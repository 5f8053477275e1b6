from __future__ import annotations

from autograder import notebook
from autograder.grade.plan import is_untouched, make_plan
from autograder.schema import AssessmentConfig, Bundle, Question, ReleasedCell

BUNDLE = Bundle(
    assessment="t",
    title="T",
    config=AssessmentConfig(),
    notebook_name="t.ipynb",
    questions=(
        Question(name="q1", points=1, prompts=("x = ...",)),
        Question(name="q2", points=1, prompts=("y = ...",)),
    ),
    cells=(
        ReleasedCell(source="import numpy", role="setup"),
        ReleasedCell(source="x = ...", role="answer", question="q1"),
        ReleasedCell(source='grader.check("q1")', role="check", question="q1"),
        ReleasedCell(source="plot(x)", role="try_out", question="q1"),
        ReleasedCell(source="y = ...", role="answer", question="q2"),
        ReleasedCell(source="print('checked later')", role="check", question="q2"),
    ),
)
RELEASED = [cell.source for cell in BUNDLE.cells]


def _plan(*sources, owners=()):
    cells = [notebook.make_code_cell(source) for source in sources]
    for cell, owner in zip(cells, owners, strict=False):
        cell.metadata["autograder"] = {"question": owner}
    return make_plan(notebook.make_notebook(cells), BUNDLE)


def test_cells_belong_to_the_next_check_below_them():
    steps = _plan(*RELEASED)
    assert [step.question for step in steps] == [None, "q1", "q1", "q2", "q2", "q2"]
    assert [step.checks for step in steps] == [None, None, "q1", None, None, "q2"]


def test_check_cells_and_unchanged_try_outs_are_not_run():
    steps = _plan("x = 1", "grader.check('q1')", "plot(x)", "plot(x, 2)", "  ")
    assert [step.runs for step in steps] == [True, False, False, True, False]


def test_metadata_is_only_a_hint_that_must_name_a_question():
    steps = _plan("y = 2", "x = 1", 'grader.check("q1")', owners=["q2", "q9"])
    assert [step.question for step in steps] == ["q2", "q1", "q1"]


def test_a_question_is_untouched_only_if_nothing_was_added_for_it():
    first, second = BUNDLE.questions
    steps = _plan(*RELEASED)
    assert is_untouched(first, steps, BUNDLE)
    assert is_untouched(second, steps, BUNDLE)
    answered = _plan(*[source.replace("x = ...", "x = 5") for source in RELEASED])
    assert not is_untouched(first, answered, BUNDLE)
    assert is_untouched(second, answered, BUNDLE)
    beside = _plan(*RELEASED[:2], "x = 5", *RELEASED[2:])
    assert not is_untouched(first, beside, BUNDLE)


def test_only_the_first_check_of_a_question_counts_as_its_place():
    steps = _plan("grader.check('q1')", "x = 1", "grader.check('q1')", "grader.check('q7')")
    assert [step.checks for step in steps] == ["q1", None, None, None]


def test_a_question_that_a_person_grades_or_that_is_left_out_is_not_checked():
    first, second = BUNDLE.questions
    manual = BUNDLE.model_copy(
        update={"questions": (first.model_copy(update={"manual": True}), second)}
    )
    cells = notebook.make_notebook([notebook.make_code_cell(source) for source in RELEASED])
    assert {step.checks for step in make_plan(cells, manual)} == {None, "q2"}
    alone = BUNDLE.model_copy(update={"questions": (first,)})
    assert {step.checks for step in make_plan(cells, alone)} == {None, "q1"}
