"""Test code: which names it takes from outside, how it runs, and when its output is right."""

import sys

import numpy as np
import pytest

from autograder.wire.test_code import find_free_names, output_matches, run_test_code


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("predict(x) == 3", ["predict", "x"]),
        ("len([1]) == 1", []),
        ("__name__", []),
        ("y = f(2)\ny + 1", ["f"]),
        ("import numpy as np\nnp.mean(x)", ["x"]),
        ("from math import tau as t\nt + q", ["q"]),
        ("import a.b.c\na.b.c.d", []),
        ("[i * k for i in items if i]", ["k", "items"]),
        ("{k: v for k, v in pairs}", ["pairs"]),
        ("sum(a for a in (b for b in c))", ["c"]),
        ("(lambda q, *r, s=t, **u: q + v)(1)", ["t", "v"]),
        ("def f():\n    def g():\n        return deep\n    return g()\nf()", ["deep"]),
        ("def f(n=default):\n    n += 1\n    return n", ["default"]),
        (
            "def f():\n    count = 0\n    def g():\n        nonlocal count\n        count += step\n    return g",
            ["step"],
        ),
        ("def f():\n    global made\n    made = 1\nf()\nmade", []),
        ("(n := size(x)) > 3 and n", ["size", "x"]),
        ("[last := i for i in items]\nlast", ["items"]),
        ("try:\n    f()\nexcept MyError as error:\n    print(error)", ["f", "MyError"]),
        ("try:\n    import fast as m\nexcept ImportError:\n    m = slow\nm", ["slow"]),
        ("@decorate\ndef f():\n    pass", ["decorate"]),
        (
            "class A(Base):\n    z = w\n    def f(self):\n        return self.z + v\nA()",
            ["Base", "w", "v"],
        ),
        ("with manager() as m:\n    m.x", ["manager"]),
        ("for i in items:\n    print(i)\nelse:\n    done()", ["items", "done"]),
        ("match value:\n    case {'a': inner}:\n        inner", ["value"]),
        ("f'{이름!r:>{width}}'", ["이름", "width"]),
        ("x.attribute.other[key]", ["x", "key"]),
    ],
)
def test_free_names_are_those_taken_from_outside(source, names):
    assert sorted(find_free_names(source)) == sorted(names)


def test_parameters_of_the_test_function_are_free_names():
    source = "def test_x(preprocess, model):\n    assert helper(model)"
    assert find_free_names(source) == ["helper", "preprocess", "model"]


def test_a_parameter_with_a_default_is_not_asked_for():
    assert find_free_names("def test_x(model, tolerance=0.1):\n    pass") == ["model"]


def test_parameters_of_other_functions_are_not_free():
    assert find_free_names("def helper(a):\n    return a") == []


def find_in(**names):
    return names.__getitem__


def test_ok_style_prints_the_value_of_each_expression():
    printed = run_test_code("x + 1\n'한글'\nNone\nprint('p')\ny = 2\ny", "ok", find_in(x=1))
    assert printed == "2\n'한글'\np\n2\n"


def test_ok_style_prints_values_within_blocks_as_a_prompt_does():
    assert run_test_code("for i in range(2):\n    i", "ok", find_in()) == "0\n1\n"


def test_ok_style_leaves_the_display_hook_as_it_was(monkeypatch):
    def hook(value):
        raise AssertionError(value)

    monkeypatch.setattr(sys, "displayhook", hook)
    assert run_test_code("1", "ok", find_in()) == "1\n"
    assert sys.displayhook is hook


def test_ok_style_may_define_a_function_named_test():
    assert run_test_code("def test_it(a):\n    return a + 1\ntest_it(1)", "ok", find_in()) == "2\n"


def test_exception_style_calls_its_function_with_names_from_outside():
    source = "def test_x(add, one, two=2):\n    print(add(one, two))\n    assert helper(one) == 1"
    names = find_in(add=lambda a, b: a + b, one=1, helper=lambda value: value)
    assert run_test_code(source, "exception", names) == "3\n"


def test_exception_style_raises_what_the_test_raises():
    with pytest.raises(AssertionError, match="too low"):
        run_test_code("def test_x(x):\n    assert x > 3, 'too low'", "exception", find_in(x=1))


def test_a_name_is_both_parameter_and_global():
    source = "def helper():\n    return model\ndef test_x(model):\n    assert helper() is model"
    assert run_test_code(source, "exception", find_in(model=object())) == ""


@pytest.mark.parametrize(
    "source", ["x = 1", "def test_a():\n    pass\ndef test_b():\n    pass"], ids=["none", "two"]
)
def test_exception_style_needs_one_function(source):
    with pytest.raises(ValueError, match="one function test_"):
        run_test_code(source, "exception", find_in())


def test_a_name_that_is_nowhere_raises_what_the_finder_raises():
    with pytest.raises(KeyError, match="nowhere"):
        run_test_code("nowhere + 1", "ok", find_in())


def test_a_student_function_named_test_is_not_taken_for_the_test():
    class Remote:
        def __call__(self):
            return 5

    source = "def test_x():\n    assert test_accuracy() == 5"
    run_test_code(source, "exception", find_in(test_accuracy=Remote()))


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("3", "3\n"),
        ("True", "np.True_"),
        ("np.True_", "True"),
        ("2.0", "np.float64(2.0)"),
        ("np.float64(2.0)", "2.0"),
        ("[1.0, 2.0]", "[np.float64(1.0), np.float32(2.0)]"),
        ("{'a': 3}", "{'a': np.int64(3)}"),
        ("(3, False)", "(np.int64(3), np.False_)"),
        ("nan", "np.float64(nan)"),
        ("'가'", "np.str_('가')"),
        ("array([1, 2])", "array([1,   2])"),
        ("a  b\nc", "a b\n  c\n\n"),
        ("<...Sequential object at 0x...>", "<keras.Sequential object at 0x7f00>"),
        ("", ""),
        ("1\n<BLANKLINE>\n2", "1\n\n2"),
    ],
)
def test_output_matches_whatever_the_numpy_version(expected, printed):
    assert output_matches(expected, printed)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("3", "4"),
        ("True", "False"),
        ("True", "np.False_"),
        ("True", ""),
        ("", "True"),
        ("3", "..."),
        ("2.0", "np.float64(2.5)"),
        ("True", "True\nTrue"),
        ("array([1, 2])", "array([1, 3])"),
    ],
)
def test_other_output_does_not_match(expected, printed):
    assert not output_matches(expected, printed)


def test_numpy_scalars_of_this_version_match_their_plain_form():
    for value in (np.float64(0.5), np.int32(3), np.bool_(1), np.str_("a")):
        assert output_matches(repr(value.item()), repr(value))
