import ast
import math
import re
from pathlib import Path

import jinja2.nodes
import pytest
from babel.messages.pofile import read_po

import autograder.report
import autograder.report.wording as wording_module
from autograder.language import find_templates
from autograder.report import make_gradescope_results, render_class_page, render_feedback
from autograder.report.page import make_environment
from autograder.report.wording import Wording, split_code
from autograder.schema import Visibility
from autograder.schema.assessment import VisibilityConfig

CATALOGS = [
    find_templates() / "locale" / "ko" / name
    for name in ("report.po", "class_report.po", "export.po")
]


def read_catalog():
    texts = {}
    for path in CATALOGS:
        with path.open("rb") as file:
            texts.update({message.id: message.string for message in read_po(file) if message.id})
    return texts


def read_templates():
    environment = make_environment(None)
    for path in (find_templates() / "report").glob("*.j2"):
        for call in environment.parse(path.read_text("utf-8")).find_all(jinja2.nodes.Call):
            name = getattr(call.node, "name", getattr(call.node, "attr", ""))
            messages = {"_": call.args[:1], "count": call.args[:2]}.get(name, [])
            yield from (message.value for message in messages)


def read_modules():
    """Every sentence in the package's code that is handed to a `Wording` as a literal."""
    for path in Path(autograder.report.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "wording",
                "wording.count",
                "self",
            ):
                arguments = node.args[: 2 if "count" in ast.unparse(node.func) else 1]
                for part in (child for one in arguments for child in ast.walk(one)):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value


def test_every_message_has_its_korean():
    asked = set(read_templates()) | set(read_modules())
    assert len(asked) > 80
    assert asked - set(read_catalog()) == set()


def test_messages_met_while_rendering_have_their_korean(varied_result, monkeypatch):
    asked = set()
    translate = wording_module.translate

    def note(language, message, **values):
        asked.add(message)
        return translate(language, message, **values)

    monkeypatch.setattr(wording_module, "translate", note)
    result = varied_result(language="ko")
    for visibility in (Visibility.HIDDEN, Visibility.VISIBLE):
        config = VisibilityConfig(hidden_tests=visibility)
        render_feedback(result, visibility=config)
        make_gradescope_results(result, config)
    render_class_page([result], title="숫자", language="ko", links={})
    assert asked - set(read_catalog()) == set()


def test_translations_keep_their_places_and_say_something():
    for message, text in read_catalog().items():
        assert text
        assert set(re.findall(r"{\w+}", message)) == set(re.findall(r"{\w+}", text)), message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9.2, "9.2"),
        (10.0, "10"),
        (14218, "14,218"),
        (None, "–"),
        (math.nan, "–"),
        (-0.0, "0"),
        (-0.004, "0"),
    ],
)
def test_numbers_are_short_and_grouped(value, text):
    assert Wording("en").number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.912, "0.912"),
        (0.0123456, "0.01235"),
        (0.85, "0.85"),
        (27.31, "27.31"),
        (1234.5, "1,234"),
        (3e-7, "3.00e-07"),
        (0, "0"),
        (1e300, "1e+300"),
        (math.inf, "–"),
    ],
)
def test_metrics_of_any_size_can_be_read(value, text):
    assert Wording("en").measure(value) == text


def test_code_between_backticks_is_found_and_an_odd_one_stays():
    assert split_code("call `fit` now") == [(False, "call "), (True, "fit"), (False, " now")]
    assert split_code("a ` b") == [(False, "a ` b")]


def read_colours(block):
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})", block))


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_text_has_enough_contrast_in_light_dark_and_print():
    style = (find_templates() / "report" / "style.css.j2").read_text("utf-8")
    themes = [read_colours(block) for block in re.findall(r":root {(.*?)}", style, re.DOTALL)]
    assert len(themes) == 3
    pairs = [("ink", "paper"), ("muted", "paper"), ("ink", "accent-soft"), ("accent", "paper")]
    pairs += [("accent", "accent-soft"), ("ink", "code"), ("ink", "bad-soft")]
    pairs += [(tone, f"{tone}-soft") for tone in ("good", "warn", "bad", "calm")]
    pairs += [(tone, "paper") for tone in ("good", "warn", "bad", "calm")]
    for theme in themes:
        for text, ground in pairs:
            high, low = sorted((luminance(theme[text]), luminance(theme[ground])), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground)
