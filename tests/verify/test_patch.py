from __future__ import annotations

import pytest

from autograder.notebook import source_of
from autograder.verify.patch import apply_patch, read_patch

PATCH = '''\
"""Forgets the second half."""

# %% q1
a = 10


a += 1

# %% q1
b = 20

# %% after q2
del c
'''


def sources(notebook):
    return [source_of(cell) for cell in notebook.cells]


def patched(base, text):
    patch, problems = read_patch(text, "reference/failed/x.py")
    notebook, missing = apply_patch(base, patch, "reference/failed/x.py")
    return notebook, [str(problem) for problem in (*problems, *missing)]


def test_blocks_take_the_place_of_the_answers_and_follow_them(solution):
    before = sources(solution)
    notebook, problems = patched(solution, PATCH)
    assert problems == []
    assert sources(notebook) == [
        "import numpy as np",
        "a = 10\n\n\na += 1",
        "b = 20",
        "text between",
        'grader.check("q1")',
        "c = 3",
        "del c",
        'grader.check("q2")',
    ]
    assert sources(solution) == before
    assert notebook.cells[1].metadata.autograder == {"question": "q1", "role": "answer"}


def test_one_block_takes_the_place_of_several_cells(solution):
    notebook, _ = patched(solution, "# Nothing.\n# %% q1\npass\n")
    assert sources(notebook)[1:4] == ["pass", "text between", 'grader.check("q1")']


@pytest.mark.parametrize(
    ("head", "description"),
    [
        ('"""Why it is wrong."""\n', "Why it is wrong."),
        ("# Why it\n# is wrong.\n\n", "Why it\nis wrong."),
        ("", ""),
    ],
)
def test_the_head_describes_the_mistake(head, description):
    patch, problems = read_patch(f"{head}# %% q1\npass\n", "x.py")
    assert (patch.description, problems) == (description, [])


def test_a_comment_alone_changes_nothing(student):
    notebook, problems = patched(student, "# As it was handed out.\n")
    assert (sources(notebook), problems) == (sources(student), [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# %% q9\npass\n", "question `q9` has no answer cell; questions with one are q1, q2"),
        ("# %% after q9\npass\n", "question `q9` has no answer cell"),
        ("# %%\npass\n", "`# %% ` names no question; write `# %% q1`"),
        ("# %% before q1\npass\n", "`# %% before q1` names no question"),
        ("x = 1\n# %% q1\npass\n", "has code above its first `# %%` line"),
        ('"""Text."""\nx = 1\n# %% q1\npass\n', "has code above its first `# %%` line"),
    ],
)
def test_a_patch_that_cannot_be_applied_is_named(solution, text, words):
    _, problems = patched(solution, text)
    assert len(problems) == 1
    assert problems[0].startswith("reference/failed/x.py: ")
    assert words in problems[0]
