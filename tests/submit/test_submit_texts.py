import ast
import string
from pathlib import Path

import autograder.submit
from autograder.language import load_catalog


def messages(folder):
    for path in folder.glob("**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "message":
                yield node.value.value
            is_call = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "translate"
            if is_call and isinstance(node.args[1], ast.Constant):
                yield node.args[1].value


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_is_translated_with_the_same_places():
    catalog = load_catalog("ko")
    found = set(messages(Path(autograder.submit.__file__).parent))
    assert len(found) >= 15
    assert {text for text in found if text not in catalog} == set()
    assert {text for text in found if places(text) != places(catalog[text])} == set()
