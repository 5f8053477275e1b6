from hypothesis import given
from hypothesis import strategies as st

from autograder.report.class_report.plots import (
    DOT,
    measure_text,
    place_labels,
    stack_dots,
)

FRAME = (46.0, 2.0, 338.0, 240.0)
places = st.lists(
    st.tuples(st.floats(50, 330), st.floats(6, 236), st.sampled_from(["q1", "q12", "문항 3"])),
    max_size=40,
)


def boxes_of(labels):
    shifts = {"start": 0.0, "middle": 0.5, "end": 1.0}
    for label in labels:
        width = measure_text(label.text)
        left = label.x - shifts[label.anchor] * width
        yield left, label.y - 9, left + width, label.y + 3


def meet(one, other):
    return (
        one[0] < other[2] - 1e-6
        and other[0] < one[2] - 1e-6
        and one[1] < other[3] - 1e-6
        and other[1] < one[3] - 1e-6
    )


@given(places)
def test_labels_meet_neither_each_other_nor_a_dot_nor_the_frame(dots):
    boxes = list(boxes_of(place_labels(dots, FRAME)))
    for i, box in enumerate(boxes):
        assert box[0] >= FRAME[0] - 1e-6
        assert box[2] <= FRAME[2] + 1e-6
        assert not any(meet(box, other) for other in boxes[:i])
        for x, y, _ in dots:
            assert not meet(box, (x - DOT, y - DOT, x + DOT, y + DOT))


def test_every_lone_dot_gets_its_label():
    dots = [(60.0 + 60 * i, 120.0, f"q{i}") for i in range(5)]
    assert [label.text for label in place_labels(dots, FRAME)] == ["q0", "q1", "q2", "q3", "q4"]


@given(st.lists(st.floats(0, 300), max_size=60))
def test_stacked_dots_do_not_meet(places):
    levels = stack_dots(places, 10)
    for i, (place, level) in enumerate(zip(places, levels, strict=True)):
        for other, other_level in zip(places[:i], levels[:i], strict=True):
            assert level != other_level or abs(place - other) >= 10
