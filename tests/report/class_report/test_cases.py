from autograder.report.class_report.cases import ask_for_look, find_suspects, view_cases
from autograder.report.class_report.grid import make_grid, measure_cases
from autograder.report.wording import Wording
from autograder.schema import Outcome

EN = Wording("en")


def test_a_wrong_test_is_found_and_so_is_one_that_nobody_passes(make_class):
    cases = measure_cases(make_grid(make_class(120)))
    suspects = find_suspects(cases, EN)
    assert [one.name for one in suspects] == ["q2-4", "q5-3"]
    assert "Strong students fail it" in suspects[0].text
    assert "Nobody" in suspects[1].text


def test_honest_tests_are_seldom_called_wrong(make_class):
    named = [
        one.name
        for seed in range(1, 6)
        for one in find_suspects(measure_cases(make_grid(make_class(80, seed=seed))), EN)
        if one.name not in ("q2-4", "q5-3")
    ]
    assert len(named) <= 2  # of 5 · 17


def test_a_test_that_did_not_run_says_nothing_of_the_student(make_result, make_question, make_case):
    def make(outcome):
        case = make_case("q1-1", outcome, hidden=True)
        return make_result([make_question("q1", outcome, 0.0, test_cases=(case,))])

    results = [make(Outcome.PASSED)] * 3 + [make(Outcome.NOT_REACHED)] * 5
    item = measure_cases(make_grid(results))[0].item
    assert item.facility == 1.0
    assert view_cases(measure_cases(make_grid(results)), EN).rows[0].hidden


def test_tests_that_look_wrong_are_something_to_do(make_class):
    view = view_cases(measure_cases(make_grid(make_class(120))), EN)
    (action,) = ask_for_look(view, EN)
    assert action.heading == "2 test cases look wrong"
    assert action.notes == ("q2-4, q5-3",)
    assert ask_for_look(None, EN) == []
