import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import notebook
from autograder.report.class_report.code_tokens import MOST_CHARACTERS, read_cells, read_given


def tokens_of(*sources):
    cells = [notebook.make_code_cell(source) for source in sources]
    content = notebook.serialize_notebook(notebook.make_notebook(cells))
    return [[token.text for token in cell.tokens] for cell in read_cells(content)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("total = a\nprint(total)", "s = a\nprint(s)"),
        ("x = 1  # one", "# first\n\nx   =   1"),
        ("f(1,\n  2,\n)", "f(1, 2)"),
        ("print('a')", 'print("""b""")'),
        ("import numpy as np\nnp.mean(x)", "import numpy as n\nn.mean(x)"),
        ("def f(a, *b, c=2):\n    return a", "def g(x, *y, z=2):\n    return x"),
        ("[i for i, j in z]", "[p for p, q in z]"),
        ("sorted(z, key=lambda a: a)", "sorted(z, key=lambda b: b)"),
        ("a, (b, c) = z", "p, (q, r) = z"),
        ("with open(z) as file:\n    pass", "with open(z) as f:\n    pass"),
        ("epochs = 3\nfit(epochs=epochs)", "n = 3\nfit(epochs=n)"),
        ("%matplotlib inline\nx = 1", "x = 1"),
        ("if (n := f()): print(n)", "if (m := f()): print(m)"),
    ],
)
def test_a_disguise_changes_nothing(one, other):
    assert tokens_of(one) == tokens_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("layers.Dense(3)", "layers.Conv2D(3)"),
        ("x.sum()", "x.mean()"),
        ("fit(epochs=3)", "fit(batch=3)"),
        ("Dense(3)", "Dense(4)"),
        ("a + b", "a - b"),
        ("map(lambda v: v, xs)", "map(lambda v: v, ys)"),
        ("def f(a=default): pass", "def f(a=other): pass"),
    ],
)
def test_what_code_does_stays(one, other):
    assert tokens_of(one) != tokens_of(other)


def test_names_given_in_one_cell_are_known_in_the_others():
    assert tokens_of("net = build()", "net.fit()") == tokens_of("m = build()", "m.fit()")


def test_code_that_is_not_python_gives_what_comes_before_the_fault():
    assert tokens_of("x = 1\ny = (2,\nz = '", "k = 2")[1] == ["·", "=", "2", "\n"]
    assert tokens_of("x = 1\n  y = 2\n z")[0][:4] == ["·", "=", "1", "\n"]


def test_lines_are_kept_beside_their_tokens():
    cells = [notebook.make_code_cell("# top\n%time\nx = 1\n\ny = 2")]
    cell = read_cells(notebook.serialize_notebook(notebook.make_notebook(cells)))[0]
    lines = [cell.lines[token.line] for token in cell.tokens if token.text != "\n"]
    assert lines == ["x = 1"] * 3 + ["y = 2"] * 3


def test_an_endless_cell_is_cut():
    count = sum(map(len, tokens_of("x = 1\n" * 2_000_000)))
    assert 1000 < count <= MOST_CHARACTERS


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"cells": 3}'])
def test_what_is_no_notebook_gives_nothing(content):
    assert read_cells(content) is None


@given(st.text())
def test_any_text_in_a_cell_can_be_read(source):
    tokens_of(source, "x = 1")


def pack(*sources):
    cells = [notebook.make_code_cell(source) for source in sources]
    return notebook.serialize_notebook(notebook.make_notebook(cells))


def test_cells_as_they_were_given_are_left_out_and_their_names_are_nobodys_own():
    given = read_given(pack("import numpy as np\nimages = np.load('x')", "answer = ..."))
    one = read_cells(pack("import numpy as np\nimages = np.load('x')", "images.sum()"), given)
    other = read_cells(pack("import numpy as np\npics = np.load('x')", "pics.sum()"), given)
    assert [cell.number for cell in one] == [2]
    assert one[-1].tokens == other[-1].tokens
