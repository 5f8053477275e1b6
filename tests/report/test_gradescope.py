import json
import math

import pytest

from autograder.report import make_gradescope_results
from autograder.schema import Outcome, Visibility
from autograder.schema.assessment import VisibilityConfig

DEFAULT = VisibilityConfig()
TOP = {
    *("score", "execution_time", "output", "output_format", "test_output_format"),
    *("test_name_format", "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard"),
}
TEST = {
    *("score", "max_score", "status", "name", "name_format", "number", "output"),
    *("output_format", "tags", "visibility", "extra_data"),
}


def test_only_keys_that_gradescope_knows_are_used(varied_result):
    content = make_gradescope_results(varied_result(), DEFAULT)
    assert set(content) <= TOP
    assert "max_score" not in content
    assert all(set(test) <= TEST for test in content["tests"])
    assert {test["status"] for test in content["tests"]} == {"passed", "failed"}


def test_no_text_is_read_as_markup(varied_result):
    content = make_gradescope_results(varied_result(), DEFAULT)
    formats = {content["output_format"], content["test_output_format"], content["test_name_format"]}
    formats |= {test["output_format"] for test in content["tests"]}
    assert formats == {"text"}


def test_it_is_plain_json_with_the_score(varied_result):
    result = varied_result()
    content = json.loads(json.dumps(make_gradescope_results(result, DEFAULT), allow_nan=False))
    assert content["score"] == pytest.approx(result.score)


def test_hidden_cases_have_the_visibility_of_the_configuration(varied_result):
    for visibility in Visibility:
        config = VisibilityConfig(hidden_tests=visibility)
        tests = make_gradescope_results(varied_result(), config)["tests"]
        hidden = [test for test in tests if "hidden check" in test["name"]]
        assert len(hidden) == 3
        assert {test["visibility"] for test in hidden} == {visibility.value}


def test_what_staff_see_and_the_names_of_cases_never_leave(varied_result):
    text = json.dumps(make_gradescope_results(varied_result(), DEFAULT))
    assert "SECRET" not in text
    assert "q2-3" not in text


def test_a_hidden_message_stands_only_in_its_own_entry(varied_result):
    tests = make_gradescope_results(varied_result(), DEFAULT)["tests"]
    assert [test["visibility"] for test in tests if "HINT" in test["output"]] == ["hidden"]


def test_case_scores_and_the_training_are_entries_of_their_own(varied_result):
    tests = make_gradescope_results(varied_result(), DEFAULT)["tests"]
    training = next(test for test in tests if test["name"] == "q3, training")
    assert (training["score"], training["max_score"]) == (2.7, 4.0)
    assert training["visibility"] == "visible"
    assert len({test["number"] for test in tests}) == len(tests)


def test_the_question_entry_tells_message_next_step_and_error(varied_result):
    tests = make_gradescope_results(varied_result(), DEFAULT)["tests"]
    outputs = {test["number"]: test["output"] for test in tests}
    assert "Use `Dense(10)`." in outputs["2"]
    assert "Hidden checks not passed: 1 of 2." in outputs["2"]
    assert "---> 12 model(x)" in outputs["4"]
    assert "\x1b" not in outputs["4"]


def test_a_grader_error_has_no_score_so_that_it_counts_as_a_failed_run(make_result):
    failed = make_result(outcome="grader_error", score=None, staff_message="SECRET")
    content = make_gradescope_results(failed, DEFAULT)
    assert "score" not in content
    assert content["tests"] == []
    assert "our fault" in content["output"]
    assert "SECRET" not in json.dumps(content)


def test_where_scores_are_hidden_one_hidden_entry_keeps_the_total(varied_result):
    content = make_gradescope_results(varied_result(), VisibilityConfig(score=False))
    scored = [test for test in content["tests"] if "score" in test]
    assert [test["visibility"] for test in scored] == ["hidden"]


def test_numbers_that_json_cannot_hold_become_zero(make_result, make_question, make_case):
    case = make_case("q1-1", Outcome.FAILED, score=math.nan)
    result = make_result([make_question(test_cases=(case,))], wall_seconds=math.inf)
    json.dumps(make_gradescope_results(result, DEFAULT), allow_nan=False)
