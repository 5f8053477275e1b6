"""`VARIANT` in texts, code and tests of a master."""

from __future__ import annotations

import pytest

from autograder.assign import VariantBuilder
from autograder.notebook import parse_notebook, source_of
from autograder.schema import Variant, make_variant
from tests.assign.conftest import NAME

SETTINGS = """
[variants.parameters]
size = { range = [2, 9] }
words = { choices = ["가", "나"] }
"""


def sources(release, edition="ko"):
    return [source_of(cell) for cell in parse_notebook(release.notebooks[edition]).cells]


def vary(course, values):
    course.write("assessment.toml", SETTINGS)
    course.save()
    return VariantBuilder(course.folder, NAME).build(make_variant(NAME, 0, values))


def test_a_master_without_parameters_keeps_its_braces(course, make):
    text = "# Title {{ x }} {% y %} $e^{{a}}$ {#"
    release = course.build([make.markdown(text), *course.cells])
    assert text in sources(release)


def test_texts_code_and_data_have_the_values_of_the_variant(course, make):
    course.cells.insert(
        0, make.markdown("# {{ VARIANT.words }}\n<!-- lang:en -->\n# {{ VARIANT.size + 1 }}")
    )
    course.cells.insert(
        1, make.code('한 = 1\nVARIANT = {"size": 5,\n    "words": "가"}  # yours\nlast = 2')
    )
    release = vary(course, {"size": 7, "words": "나"})
    assert "# 나" in sources(release)
    assert "# 8" in sources(release, "en")
    assert '한 = 1\nVARIANT = {"size": 7, "words": \'나\'}  # yours\nlast = 2' in sources(release)
    default = course.build()
    assert '한 = 1\nVARIANT = {"size": 5,\n    "words": "가"}  # yours\nlast = 2' in sources(
        default
    )
    assert "# 가" in sources(default)


def test_students_see_only_what_the_master_shows(course, make):
    course.cells.insert(1, make.code('VARIANT = {"size": 5}'))
    course.cells += make.question(
        "name: q3",
        make.code("assert VARIANT['size'] > 1"),
        make.code("# HIDDEN\nassert VARIANT['words'] in '가나'"),
    )
    release = vary(course, {"size": 7, "words": "나"})
    assert not any(word == "나" for source in sources(release) for word in source.split("'"))
    hidden = release.bundle.questions[2].test_cases[1]
    assert hidden.source.startswith("VARIANT = {\"words\": '나'}\n")


def test_functions_bind_the_values_as_their_first_line(course, make):
    course.cells.insert(0, make.raw("# ASSIGNMENT CONFIG\ntests:\n  ok_format: false"))
    course.cells = [
        cell
        for cell in course.cells
        if "scale(np" not in source_of(cell) and "assert answer" not in source_of(cell)
    ]
    test = "def test_it(answer):\n    '''Says so.'''\n    assert answer == VARIANT['size'] * 6"
    cells = [
        course.cells[0],
        *course.cells[1:3],
        *make.question("name: q1", make.code(test), solution="answer = 42  # SOLUTION"),
    ]
    course.cells = cells
    release = vary(course, {"size": 7, "words": "가"})
    source = release.bundle.questions[0].test_cases[0].source
    assert source.split("\n")[1] == "    VARIANT = {}"  # the master shows none of them
    scope: dict = {}
    exec(source.replace("{}", "{'size': 7}"), scope)
    scope["test_it"](42)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ('VARIANT = {"colour": 1}', "`VARIANT` names `colour`, which is no parameter"),
        ("VARIANT = dict(size=3)", "`VARIANT` is not a dictionary of plain values"),
        ('VARIANT = {"size": 1}\nVARIANT = {"size": 2}', "is assigned a second time"),
        ("print(VARIANT)", "no given cell assigns it"),
    ],
)
def test_a_wrong_use_of_the_name_is_told(course, make, cell, told):
    course.write("assessment.toml", SETTINGS)
    course.cells.insert(1, make.code(cell))
    assert told in course.problems()


def test_every_text_that_cannot_be_filled_is_told(course, make):
    course.write("assessment.toml", SETTINGS)
    course.cells += [make.markdown("{{ VARIANT.sise }}"), make.markdown("$e^{{x}}$")]
    found = course.problems()
    assert "sise" in found
    assert "cell 10" in found or found.count("cannot be filled") == 2


def test_a_test_may_not_take_the_values_from_the_notebook(course, make):
    course.write("assessment.toml", SETTINGS)
    course.cells = [
        make.raw("# ASSIGNMENT CONFIG\ntests:\n  ok_format: false"),
        make.code('VARIANT = {"size": 5}'),
        *make.question("name: q1", make.code("def test_it(answer, VARIANT):\n    assert answer")),
    ]
    assert "takes `VARIANT` from the notebook, where a student may change it" in course.problems()


def test_problems_of_one_variant_name_its_values(course, make):
    course.write("assessment.toml", SETTINGS)
    course.cells.append(make.markdown("{% if VARIANT.size == 9 %}{{ VARIANT.sise }}{% endif %}"))
    course.build()
    builder = VariantBuilder(course.folder, NAME)
    builder.build(Variant(name="x", values={"size": 8, "words": "가"}))
    with pytest.raises(Exception, match=r"with size = 9, words = 가: its text cannot be filled"):
        builder.build(Variant(name="y", values={"size": 9, "words": "가"}))


def test_texts_name_the_rules_of_questions_without_parameters_too(course, make):
    course.write("assessment.toml", "[limits]\nquestion_seconds = 90\n")
    told = "{{ RULES.q1.time_limit }} 초\n<!-- lang:en -->\n{{ RULES['q1'].time_limit }} s"
    release = course.build([make.markdown(told), *course.cells])
    assert "90 초" in sources(release)
    assert "90 s" in sources(release, "en")


def test_a_text_that_names_no_rule_keeps_its_braces(course, make):
    told = "RULES of $e^{{a}}$ {{ b }}"
    assert told in sources(course.build([make.markdown(told), *course.cells]))


def test_a_rule_that_there_is_not_is_told_with_those_there_are(course, make):
    found = course.problems([make.markdown("{{ RULES.q1.mean }} {{ RULES.q7 }}"), *course.cells])
    assert "its text cannot be filled" in found
    assert "write `{{ RULES.q1.name }}` with time_limit" in found
