"""Values of variants: within their bounds, distinct, and the same every time."""

import pytest

from autograder.errors import UsageError
from autograder.schema import AssessmentConfig
from autograder.variants.draw import count_possible, draw_variants


def config(**parameters):
    return AssessmentConfig.model_validate({"variants": {"parameters": parameters}})


ALL = {
    "order": {"permutation": 4},
    "noise": {"range": [0.09, 0.11]},
    "count": {"range": [1, 3]},
    "word": {"choices": ["red", "blue"]},
}


def test_values_are_within_what_is_allowed():
    for variant in draw_variants("a", config(**ALL), 100):
        values = variant.values
        assert sorted(values["order"]) == [0, 1, 2, 3]
        assert 0.09 <= values["noise"] <= 0.11
        assert round(values["noise"], 4) == values["noise"]
        assert values["count"] in (1, 2, 3)
        assert values["word"] in ("red", "blue")


def test_variants_are_distinct_and_fewer_are_the_first_of_more():
    some, more = (draw_variants("a", config(**ALL), count) for count in (5, 50))
    assert more[:5] == some
    assert len({variant.name for variant in more}) == 50


def test_another_parameter_leaves_the_values_of_the_others():
    few = {name: ALL[name] for name in ("noise", "order")}
    for one, other in zip(
        draw_variants("a", config(**ALL), 8), draw_variants("a", config(**few), 8), strict=True
    ):
        assert one.values["noise"] == other.values["noise"]
        assert one.name != other.name


def test_more_variants_than_there_are_values_is_told():
    small = {"count": {"range": [1, 3]}, "word": {"choices": ["red", "blue"]}}
    assert count_possible(config(**small).variants.parameters) == 6
    assert len(draw_variants("a", config(**small), 6)) == 6
    with pytest.raises(UsageError, match="7 variants are too many: its parameters make 6"):
        draw_variants("a", config(**small), 7)


def test_an_assessment_without_parameters_has_no_variants():
    with pytest.raises(UsageError, match=r"name some in \[variants.parameters\]"):
        draw_variants("a", AssessmentConfig(), 2)
