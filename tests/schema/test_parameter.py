"""Parameters of variants in `assessment.toml`: every mistake is told at once."""

import pytest

from autograder.errors import AuthoringError
from autograder.schema import AssessmentConfig, make_variant, read_assessment_config


def problems_of(tmp_path, text):
    path = tmp_path / "assessment.toml"
    path.write_text("[variants.parameters]\n" + text, encoding="utf-8")
    with pytest.raises(AuthoringError) as caught:
        read_assessment_config(path)
    return [str(problem) for problem in caught.value.problems]


def test_every_wrong_parameter_is_listed(tmp_path):
    found = problems_of(
        tmp_path,
        """
a = { range = [2, 1] }
b = { choices = [1] }
c = { permutation = ["x", "x"] }
d = [0.1, 0.2]
e = { range = [0, 1], default = 7 }
f = { choices = ["x", "y"], default = "z" }
"g-1" = { permutation = 3 }
h = { range = [0, 1], step = 2 }
i = { choices = [1, 2], range = [1, 2] }
""",
    )
    assert len(found) == 9
    for name in ("a", "b", "c", "d", "e", "f", "g-1", "h", "i"):
        assert sum(f"`variants.parameters.{name}" in problem for problem in found) == 1
    assert sum("write { choices = [...] }" in problem for problem in found) == 2


def test_defaults_are_stated_or_plain():
    parameters = {
        "order": {"permutation": 3},
        "colours": {"permutation": ["red", "blue"], "default": ["blue", "red"]},
        "noise": {"range": [0.09, 0.11]},
        "count": {"range": [1, 4]},
        "word": {"choices": ["x", "y"], "default": "y"},
        "pair": {"choices": [[1, 2], [3, 4]]},
    }
    config = AssessmentConfig.model_validate({"variants": {"parameters": parameters}})
    assert config.variants.defaults == {
        "order": [0, 1, 2],
        "colours": ["blue", "red"],
        "noise": 0.1,
        "count": 2,
        "word": "y",
        "pair": [1, 2],
    }
    assert AssessmentConfig.model_validate_json(config.model_dump_json()) == config


def test_a_variant_is_named_by_what_it_is_made_from():
    first = make_variant("a", 1, {"x": 1, "y": [1, 2]})
    assert make_variant("a", 1, {"y": (1, 2), "x": 1}) == first
    others = [make_variant("b", 1, first.values), make_variant("a", 2, first.values)]
    others.append(make_variant("a", 1, {"x": 2, "y": [1, 2]}))
    assert len({first.name, *(other.name for other in others)}) == 4
    assert first.name == "8722e6f16c79"  # wherever it is computed
