from autograder.report.class_report.times import view_times
from autograder.report.wording import Wording

EN = Wording("en")


def test_the_slowest_are_named_with_the_question_that_took_most(make_result, make_question):
    slow = make_result([make_question("q7", wall_seconds=40.0)], student="slow", wall_seconds=50.0)
    results = [make_result([make_question()], wall_seconds=float(n)) for n in range(1, 12)]
    view = view_times([*results, slow], {}, EN)
    assert view.slowest[0].person.name == "slow"
    assert view.slowest[0].question == "mostly q7: 40 s"
    assert sum(int(bar.text.rpartition(" ")[2]) for bar in view.histogram.bars) == 12
