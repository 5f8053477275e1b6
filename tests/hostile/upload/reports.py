"""Texts that people will read: in errors, values, names and curves, on pages and in tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.hostile.attack import make_notebook

SCRIPT = "<script>alert('owned')</script>"
HANDLER = (
    '"\'><img src=x onerror=alert(1)><body onload=alert(1)><a href="javascript:alert(1)">x</a>'
)
SVG = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script><animate onbegin=alert(1)></svg>"
TEMPLATE = "{{ config }}{% include '/etc/passwd' %}${7*7}#{7*7}<%= 7*7 %>"
ANSI = "\x1b[2J\x1b[31m\x1b]0;owned\x07\x1b]8;;http://x/\x07link\x1b]8;;\x07\x9b31m\x07\x08\x7f"
TURNED = "a\u202eb\u2066c\u2069\u200f\u061c\u200b\u2028\u2029\ufeff\U000e0041d"
FORMULA = "=cmd|' /C calc'!A0\t+1\r\n@SUM(1)"


def _raise(folder: Path, text: str, name: str = "Error") -> Path:
    """A notebook whose function raises an exception called `name` with `text`."""
    code = f"Own = type({name!r}, (Exception,), {{}})\ndef double(x):\n    raise Own({text!r})"
    path = folder / "kim.ipynb"
    path.write_bytes(make_notebook([code], "q1"))
    return path


def error_with_a_script(folder, targets):
    """An exception's name and text are scripts."""
    return _raise(folder, SCRIPT, SCRIPT)


def error_with_event_handlers(folder, targets):
    """An exception's name and text hold event handlers and links that run code."""
    return _raise(folder, HANDLER, HANDLER)


def error_with_svg(folder, targets):
    """An exception's text is a drawing that runs code."""
    return _raise(folder, SVG, SVG)


def error_with_templates(folder, targets):
    """An exception's name and text are commands of template languages."""
    return _raise(folder, TEMPLATE, TEMPLATE)


def error_with_terminal_codes(folder, targets):
    """An exception's name and text clear the screen, change the title and make links."""
    return _raise(folder, ANSI, ANSI)


def error_written_backwards(folder, targets):
    """An exception's name and text turn and hide what stands around them."""
    return _raise(folder, TURNED, TURNED)


def error_with_a_formula(folder, targets):
    """An exception's name and text are formulas of a spreadsheet."""
    return _raise(folder, FORMULA, FORMULA)


def error_of_a_gigabyte(folder, targets):
    """An exception's text, name and traceback are very long."""
    code = "def double(x, depth=0):\n    if depth < 900:\n        return double(x, depth + 1)\n    raise type('E' * 10**6, (Exception,), {})('x' * 10**8)"
    path = folder / "kim.ipynb"
    path.write_bytes(make_notebook([code], "q1"))
    return path


def value_that_is_markup(folder, targets):
    """Values, their texts and the names of functions hold everything at once."""
    everything = SCRIPT + HANDLER + SVG + ANSI + TURNED + FORMULA
    code = f"class Own:\n    def __repr__(self): return {everything!r}\nOwn.__name__ = Own.__qualname__ = {everything!r}\ndef double(x):\n    return Own() if isinstance(x, float) else {everything!r}"
    path = folder / "kim.ipynb"
    path.write_bytes(make_notebook([code], "q1"))
    return path


def output_that_is_markup(folder, targets):
    """Cells print and show scripts, and end with an error in a file called like a script."""
    code = f"from IPython.display import HTML, Javascript, SVG, display\ndisplay(HTML({SCRIPT!r}), Javascript('alert(1)'))\nprint({ANSI + TURNED!r})\nexec(compile('1 / 0', {SCRIPT + ANSI!r}, 'exec'))"
    path = folder / "kim.ipynb"
    path.write_bytes(make_notebook([code, "def double(x):\n    return x"], "q1"))
    return path


def _aims(question: str) -> Callable[[Any], Any]:
    def mark(make: Any) -> Any:
        make.aim = question
        return make

    return mark


@_aims("q2")
def curves_that_are_markup(folder, targets):
    """Curves of a training have names that are markup, and numbers beyond any scale."""
    names = {
        "loss": "[1e308, -1e308, float('nan')]",
        SVG: "[1e-320, 1e308]",
        f"val_{SVG}": "[0.0]",
        ANSI + TURNED: "[1.0]",
        FORMULA: "[2.0]",
        "accuracy" + HANDLER: "[float('inf')]",
    }
    items = ", ".join(f"{name!r}: {numbers}" for name, numbers in names.items())
    code = f"""
import keras
from keras import layers
def preprocess(x):
    return x
def build_model():
    return keras.Sequential([keras.Input((8,)), layers.Dense(2, activation="softmax", name="d")])
def train(model, data):
    history = keras.callbacks.History()
    history.epoch, history.history = [0, 1, 2], {{{items}}}
    return history
"""
    path = folder / "kim.ipynb"
    path.write_bytes(make_notebook([code], "q2"))
    return path


@_aims("q2")
def model_with_markup(folder, targets):
    """A model, its layers and its loss have names that are markup."""
    code = f"""
import keras
from keras import layers
def preprocess(x):
    return x
class Own(layers.Layer):
    def call(self, x): return x
Own.__name__ = {(SCRIPT + ANSI)!r}
def build_model():
    model = keras.Sequential([keras.Input((8,)), Own(name="o"), layers.Dense(2)], name="m")
    model.name = {HANDLER!r}
    return model
def train(model, data):
    raise ValueError({(SCRIPT + HANDLER + FORMULA)!r})
"""
    path = folder / "kim.ipynb"
    path.write_bytes(make_notebook([code], "q2"))
    return path
