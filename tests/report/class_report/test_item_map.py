from autograder.report.class_report.grid import make_grid
from autograder.report.class_report.item_map import draw_item_map
from autograder.report.wording import Wording

EN = Wording("en")


def test_the_map_has_a_dot_and_a_label_for_every_question(make_class):
    plane = draw_item_map(make_grid(make_class(120)), EN)
    assert len(plane.dots) == 5
    assert sorted(label.text for label in plane.labels) == ["q1", "q2", "q3", "q4", "q5"]
