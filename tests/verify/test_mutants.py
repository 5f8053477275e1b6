"""Mutants of small solutions: what is changed, and what is left alone."""

from __future__ import annotations

import ast
import textwrap

import pytest

from autograder.notebook import make_code_cell, make_markdown_cell, make_notebook, parse_notebook
from autograder.verify.mutants import find_answers, make_mutants
from autograder.verify.mutants.answer import Answer, find_solution_lines
from autograder.verify.mutants.maker import find_changes

MODULES = {"np", "keras", "layers", "plt"}


def changes(source, modules=MODULES):
    source = textwrap.dedent(source).strip("\n")
    answer = Answer("q1", 0, "a.ipynb, cell 1", source, frozenset(find_solution_lines(source)))
    return list(find_changes(answer, modules))


def shown(source, kind=None):
    found = [edit for edit, _ in changes(source)]
    return {(e.before, e.after) for e in found if kind is None or e.kind == kind}


@pytest.mark.parametrize(
    ("source", "kind", "expected"),
    [
        ("y = a / b", "operator", {("a / b", "a * b"), ("a / b", "a")}),
        ("y = not a", "operator", {("not a", "a")}),
        ("y = a and b", "operator", {("a and b", "a or b")}),
        ("total += x", "operator", {("total += x", "total -= x")}),
        ("y = a // b", "operator", {("a // b", x) for x in ("a / b", "-(-a // b)", "a")}),
        ("y = a < b", "comparison", {("a < b", "a <= b"), ("a < b", "a >= b")}),
        ("y = 1 if found else 2", "condition", {("found", "not found")}),
        ("y = 0.5", "constant", {("0.5", "1.0")}),
        ("y = np.zeros(3, dtype='float32')", "constant", {
            ("np.zeros(3, dtype='float32')", "np.zeros(4, dtype='float32')"),
            ("dtype='float32'", "dtype='float64'"),
        }),
        ("y = x.sum(axis=1)", "axis", {("axis=1", "axis=0")}),
        ("y = x.max(-1)", "axis", {("x.max(-1)", "x.max(0)")}),
        ("y = x.max(axis=(1, 3))", "axis", {("axis=(1, 3)", "axis=(1,)")}),
        ("y = np.stack([a, b], 1)", "axis", {("np.stack([a, b], 1)", "np.stack([a, b], 0)")}),
        ("y = f(a, b)", "order", {("f(a, b)", "f(b, a)")}),
        ("y = a[i, j]", "order", {("(i, j)", "(j, i)")}),
        ("y = {'A': 'x', 'B': 'y'}", "order", {("{'A': 'x', 'B': 'y'}", "{'A': 'y', 'B': 'x'}")}),
        ("y = x[:n, k:]", "slice", {("x[:n, k:]", "x[:, k:]"), ("x[:n, k:]", "x[:n, :]")}),
        ("y = f(x, axis=1, how=z)", "keyword", {("axis=1", ""), ("how=z", "")}),
        ("y = np.exp(x)", "call", {("np.exp(x)", "x")}),
        ("y = x.argmax()", "call", {("argmax", "argmin"), ("x.argmax()", "x")}),
        ("np.fill_diagonal(x, 0)", "call", {("np.fill_diagonal(x, 0)", "")}),
        ("x[i] = y", "statement", {("x[i] = y", "")}),
        ("def f(x):\n    return x", "return", {("return x", "return None")}),
        ("y = layers.Dense(4, activation='relu')", "activation", {
            ("activation='relu'", "activation='linear'"),
        }),
        ("model.compile(loss='mse')", "loss", {("loss='mse'", "loss='mean_absolute_error'")}),
        ("y = layers.Flatten()(x)", "layer", {("layers.Flatten()(x)", "x")}),
        ("m = keras.Sequential([keras.Input((4,)), layers.Flatten(), layers.Dense(1)])", "layer", {
            ("layers.Flatten()", ""), ("layers.Dense(1)", ""),
        }),
    ],
)  # fmt: skip
def test_each_kind_of_mistake_is_made(source, kind, expected):
    assert shown(source, kind) == expected


@pytest.mark.parametrize(
    "source",
    [
        'def f():\n    """Return 3."""',
        "def f(a: 'list[3]') -> 'x[3]':\n    pass",
        "import os",
        "print(a + 1)",
        "plt.plot(x[1:], y + 1)",
        "raise ValueError(f'{n + 1} rows')",
        "generator = np.random.default_rng(7)",
        "y = f'{a + 1}'",
        "optimizer = keras.optimizers.Adam(0.001)",
        "safe = 1e-7",
    ],
)
def test_what_no_test_could_see_is_left_alone(source):
    assert shown(source) == set()


def test_free_choices_of_a_training_are_left_alone():
    source = """
    def train(model, data):
        epochs, batch_size = 6, 32
        steps = epochs * len(data.x) // batch_size
        schedule = keras.optimizers.schedules.CosineDecay(0.006, decay_steps=steps)
        model.compile(optimizer=keras.optimizers.Adam(schedule), loss=f, metrics=["accuracy"])
        return model.fit(data.x, data.y, epochs=epochs, batch_size=batch_size, verbose=0)
    """
    kinds = {(edit.kind.value, edit.line) for edit, _ in changes(source)}
    assert kinds == {("call", 5), ("return", 6), ("keyword", 6), ("order", 6)}


def test_sizes_of_hidden_layers_are_free_and_those_of_the_last_are_not():
    source = """
    def build_model():
        return keras.Sequential([
            keras.Input(shape=(16, 16, 1)),
            layers.Conv2D(12, (3, 3), padding="same"),
            layers.BatchNormalization(momentum=0.9),
            layers.Dense(10),
        ])
    """
    constants = [edit for edit, _ in changes(source) if edit.kind == "constant"]
    assert {edit.line for edit in constants} == {3, 6}
    removed = {edit.before for edit, _ in changes(source) if edit.kind == "layer"}
    assert not any("Input" in text or "Normalization" in text for text in removed)


def test_only_the_solution_is_changed_and_every_other_line_stays():
    source = textwrap.dedent("""
        def 평균(x, 수=1 + 1):
            \"\"\"Doc.\"\"\"
            # BEGIN SOLUTION
            합 = (x + 1) * 2  # 설명
            # END SOLUTION
            return 합 - 1


        answer = 23  # SOLUTION
        other = 24
    """).strip("\n")
    lines = source.split("\n")
    found = changes(source)
    assert {edit.line for edit, _ in found} == {4, 9}
    for edit, text in found:
        ast.parse(text)
        differing = [
            number
            for number, (old, new) in enumerate(zip(lines, text.split("\n"), strict=True), start=1)
            if old != new
        ]
        assert differing == [edit.line]
    texts = [text for _, text in found]
    assert any("합 = ((x + 1) / 2)  # 설명" in text for text in texts)


def test_a_replaced_operand_keeps_its_brackets():
    (text,) = [
        t for e, t in changes("y = (a + b) // c") if e.before.endswith("c") and e.after == "a + b"
    ]
    assert text == "y = (a + b)"
    texts = [t for e, t in changes("y = -(-a // b)") if e.after == "-a"]
    assert texts == ["y = -((-a))"]


def test_the_same_program_is_made_once():
    programs = [ast.dump(ast.parse(text)) for _, text in changes("y = (a + 1)[1:]")]
    assert len(programs) == len(set(programs))
    # 1 → 0 in a slice is its bound left out, and in a sum the left operand alone
    assert ("a + 1", "a + 0") not in shown("y = a + 1")
    assert shown("y = np.zeros((n, n))", "order") == set()


def test_a_cell_with_magics_is_changed_around_them():
    found = changes("%%time\n%matplotlib inline\ny = a + b")
    assert {edit.line for edit, _ in found} == {3}
    assert all(text.startswith("%%time\n%matplotlib inline\n") for _, text in found)


def test_a_cell_that_is_not_python_has_none():
    assert changes("y = (") == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("a = 1\nb = 2", [1, 2]),
        ("a = 1  # SOLUTION\nb = 2", [1]),
        ("a\n# BEGIN SOLUTION\nb\nc\n# END SOLUTION\nd", [3, 4]),
        ("# BEGIN SOLUTION NO PROMPT\nb\n# END SOLUTION\nc # SOLUTION NO PROMPT", [2, 4]),
    ],
)
def test_solution_lines_are_those_between_the_markers(source, lines):
    assert list(find_solution_lines(source)) == lines


@pytest.fixture
def answered(solution):
    """The notebook of conftest with something to change in both questions."""
    solution.cells[1].source = "a = x + y"
    solution.cells[3].source = "b = 2"
    solution.cells[5].source = "c = f(x)"
    return solution


def test_every_question_has_its_stub_and_its_changes(answered, bundle):
    first = bundle.questions[0].model_copy(update={"prompts": ("a = ...", "b = ...")})
    bundle = bundle.model_copy(update={"questions": (first, *bundle.questions[1:])})
    mutants = make_mutants(find_answers(answered), bundle)
    names = [mutant.name for mutant in mutants]
    assert names == ["q1-0", "q1-1", "q1-2", "q1-3", "q2-0", "q2-1"]
    stub, other, *_ = mutants
    assert stub.kind == "stub"
    assert stub.sources == {1: "a = ...\n\nb = ...", 3: ""}
    assert other.change == "`x + y` → `x - y`"
    assert other.where == "solution.ipynb, cell 2 (q1), line 1"
    assert mutants[-1].change == "`f(x)` → `x`"


def test_a_manual_question_has_none(answered, bundle):
    answered.cells.append(
        make_code_cell("d = x + y", autograder={"question": "q3", "role": "answer"})
    )
    assert "q3" not in {mutant.question for mutant in make_mutants(find_answers(answered), bundle)}


def test_cells_are_named_as_the_master_counts_them(answered):
    master = make_notebook(
        [make_markdown_cell("a = x + y"), make_markdown_cell("b"), make_code_cell("a = x + y\n")]
    )
    first, second, _ = find_answers(answered, master, "a01.ipynb")
    assert first.place == "a01.ipynb, cell 3"
    assert second.place == "solution.ipynb, cell 4"  # the master was edited since


def test_a_mutant_is_handed_in_like_any_notebook(answered, bundle):
    mutant = make_mutants(find_answers(answered), bundle)[1]
    submission = mutant.submit(answered)
    cells = parse_notebook(submission.notebook).cells
    assert submission.name == "mutant-q1-1"
    assert cells[1].source == "a = (x - y)"
    assert cells[1].metadata == answered.cells[1].metadata
    assert [cell.source for cell in cells[2:]] == [cell.source for cell in answered.cells[2:]]
    assert answered.cells[1].source == "a = x + y"
