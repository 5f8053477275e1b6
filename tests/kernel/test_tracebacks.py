"""An exception as data shows the student's own frames and keeps within bounds."""

import json
from pathlib import Path

from autograder.kernel.tracebacks import describe_exception
from autograder.wire.requests import MAX_TRACEBACK


def catch(work):
    try:
        work()
    except BaseException as error:
        return describe_exception(error)
    raise AssertionError("nothing was raised")


def test_library_frames_are_left_out_where_there_are_own_ones():
    import numpy as np

    described = catch(lambda: np.linalg.inv(np.zeros((2, 2))))
    assert described["name"] == "LinAlgError"
    assert "ValueError" in described["builtins"]
    assert 'File "test_tracebacks.py"' in described["traceback"]
    assert "linalg" not in described["traceback"].replace("np.linalg.inv", "")


def test_no_folder_is_told():
    assert str(Path(__file__).parent) not in catch(lambda: 1 / 0)["traceback"]


def test_an_endless_recursion_stays_within_bounds():
    def deeper():
        return deeper()

    described = catch(deeper)
    assert described["name"] == "RecursionError"
    assert len(described["traceback"]) <= MAX_TRACEBACK
    assert described["traceback"].count("return deeper()") == 1


def test_code_that_cannot_be_read_is_shown_where_it_is():
    described = catch(lambda: compile("a b", "own.py", "exec"))
    assert described["traceback"].endswith(
        '  File "own.py", line 1\n    a b\nSyntaxError: invalid syntax'
    )


def test_a_syntax_error_of_ones_own_needs_no_place():
    def fail():
        raise SyntaxError("worse", (1, None, [], "x"))

    assert catch(fail)["traceback"].endswith("\nSyntaxError: worse")


def test_a_huge_message_is_cut():
    def fail():
        raise ValueError("x" * 10**6)

    assert len(json.dumps(catch(fail))) < 3 * MAX_TRACEBACK
