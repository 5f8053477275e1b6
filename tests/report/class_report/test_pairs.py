import numpy as np

from autograder.report.class_report.pairs import clip_lines, draw_cosines
from autograder.report.class_report.similarity import Similarity
from autograder.report.wording import Wording

EN = Wording("en")


def test_pairs_beyond_the_level_stand_out_and_one_alone_is_seen():
    cosines = np.array([0.1] * 4000 + [0.3] * 50 + [0.9])
    found = Similarity((), 1, 91, 0, 0.62, 0.1, cosines)
    bars = draw_cosines(found, EN).bars
    assert [bar.tone for bar in bars] == ["", "", "odd"]
    heights = [bar.height for bar in bars]
    assert heights[0] > heights[1] > heights[2] > 5


def test_a_long_cell_is_clipped_around_what_is_shared():
    lines = [(f"x{i} = 1", 100 <= i < 104) for i in range(1000)]
    shown = clip_lines(lines)
    assert [line.text for line in shown if line.shared] == [f"x{i} = 1" for i in range(100, 104)]
    assert shown[0].text == shown[-1].text == "…"
    assert len(shown) == 4 + 2 + 1 + 2  # shared, lines around, gaps
    assert len(clip_lines([("x" * 5000, True)] * 1000)) < 40
    assert len(clip_lines([("x" * 5000, True)])[0].text) < 120
