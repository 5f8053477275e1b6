import math

from autograder.report.class_report.trainings import view_trainings
from autograder.report.wording import Wording

EN = Wording("en")


def train(make_result, make_question, make_training, student="a", **more):
    question = make_question("q3", training=make_training(**more))
    return make_result([question], submission=student, student=student)


def test_the_metric_of_the_class_is_drawn_against_its_thresholds(
    make_result, make_question, make_training
):
    values = [0.5, 0.7, 0.9, 0.95, None]
    results = [train(make_result, make_question, make_training, value=value) for value in values]
    section = view_trainings(results, {}, EN)[0]
    assert [count for *_, count in section.counts] == [2, 1, 2]
    assert [band.tone for band in section.metric.bands] == ["bad", "warn", "good"]
    assert sum(int(bar.text.rpartition(" ")[2]) for bar in section.metric.bars) == 4
    assert len(section.cost.dots) == 5


def test_a_metric_where_less_is_better_has_its_bands_turned(
    make_result, make_question, make_training
):
    lower = {"full_marks_at": 0.1, "no_marks_below": 0.5, "lower_is_better": True}
    results = [
        train(make_result, make_question, make_training, value=value, **lower)
        for value in (0.05, 0.3, 0.8)
    ]
    section = view_trainings(results, {}, EN)[0]
    assert [band.tone for band in section.metric.bands] == ["good", "warn", "bad"]
    assert [count for *_, count in section.counts] == [1, 1, 1]


def test_metrics_without_numbers_leave_the_drawings_out(make_result, make_question, make_training):
    nothing = {"value": math.nan, "parameters": None, "history": {"loss": (None, math.inf)}}
    section = view_trainings(
        [train(make_result, make_question, make_training, **nothing)] * 3, {}, EN
    )[0]
    assert section.metric is None
    assert section.cost is None
    assert section.bundles == ()
