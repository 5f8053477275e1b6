from autograder.report.class_report.overview import draw_scores
from autograder.report.wording import Wording

EN = Wording("en")


def test_scores_fall_into_ten_bins_the_last_with_full_marks(make_result, make_question):
    scores = [0.0, 0.3, 0.95, 1.0, 1.0]
    results = [make_result([make_question(score=score, points=1.0)]) for score in scores]
    histogram = draw_scores(results, EN)
    counts = [int(bar.text.rpartition(" ")[2]) for bar in histogram.bars]
    assert counts == [1, 0, 0, 1, 0, 0, 0, 0, 0, 3]
