"""Data of the sample assignments: deterministic, balanced, and nothing hidden is public."""

import runpy
from pathlib import Path

import numpy as np
import pytest

SOLUTIONS = Path(__file__).parents[2] / "solutions"
SIZES = {"a01_digits": 10, "a02_convnet": 16}
GROUPS = {"a01_digits": {"train", "hidden", "audit"}, "a02_convnet": {"train", "hidden"}}


@pytest.fixture(scope="module", params=sorted(SIZES))
def assignment(request):
    return request.param


@pytest.fixture(scope="module")
def module(assignment):
    return runpy.run_path(str(SOLUTIONS / assignment / "data.py"))


@pytest.fixture(scope="module")
def groups(module):
    return module["make_data"](0, {})


def image_sets(groups):
    train, hidden = groups["train"], groups["hidden"]
    return [
        (train["x_train"], train["y_train"], 3400),
        (train["x_val"], train["y_val"], 600),
        (hidden["x"], hidden["y"], 1000),
    ]


def test_images_are_bytes_on_a_canvas_of_the_stated_size(groups, assignment):
    assert set(groups) == GROUPS[assignment]
    size = SIZES[assignment]
    for images, labels, count in image_sets(groups):
        assert images.dtype == np.uint8
        assert images.shape == (count, size, size)
        assert labels.dtype == np.int64
        assert labels.shape == (count,)


def test_every_class_is_equally_frequent(groups):
    for _images, labels, count in image_sets(groups):
        assert np.bincount(labels).tolist() == [count // 10] * 10


def test_images_use_the_whole_range_of_grey(groups):
    for images, _labels, _count in image_sets(groups):
        assert images.min() == 0
        assert images.max() == 255


def test_same_seed_gives_the_same_arrays(module, groups):
    again = module["make_data"](0, {})
    for name, arrays in groups.items():
        for key, array in arrays.items():
            assert np.array_equal(array, again[name][key])


def test_another_seed_gives_other_images(module, groups):
    other = module["make_data"](1, {})
    assert not np.array_equal(other["hidden"]["x"], groups["hidden"]["x"])


def test_no_original_is_on_two_sides(module):
    parts = module["split_originals"](1797, np.random.default_rng(3))
    rows = np.concatenate(list(parts.values()))
    assert len(parts["hidden"]) == 500
    assert sorted(rows.tolist()) == list(range(1797))


def test_hidden_digits_are_no_public_digits(module):
    # A canvas of the digit's own size, without noise or dashes, is the original itself.
    groups = module["make_data"](4, {"size": 8, "noise": 0.0, "dashes": 0})
    train, validation, hidden = (
        {image.tobytes() for image in images} for images, _labels, _count in image_sets(groups)
    )
    assert len(hidden) > 300
    assert not hidden & (train | validation)
    assert not validation & train


def test_label_order_renames_the_classes(module, groups):
    order = [3, 4, 5, 6, 7, 8, 9, 0, 1, 2]
    renamed = module["make_data"](0, {"label_order": order, "size": 8, "noise": 0.0, "dashes": 0})
    images, labels = module["load_originals"](list(range(10)))
    digit_of = {
        np.round(255 * image).astype(np.uint8).tobytes(): int(label)
        for image, label in zip(images, labels, strict=True)
    }
    hidden = renamed["hidden"]
    expected = [order[digit_of[image.tobytes()]] for image in hidden["x"]]
    assert hidden["y"].tolist() == expected


def test_audit_holds_the_validation_images():
    groups = runpy.run_path(str(SOLUTIONS / "a01_digits" / "data.py"))["make_data"](0, {})
    assert np.array_equal(groups["audit"]["x"], groups["train"]["x_val"])
    assert np.array_equal(groups["audit"]["y"], groups["train"]["y_val"])


def test_inverted_images_exchange_black_and_white():
    make_data = runpy.run_path(str(SOLUTIONS / "a01_digits" / "data.py"))["make_data"]
    plain, inverted = make_data(0, {}), make_data(0, {"inverted": True})
    total = plain["hidden"]["x"].astype(int) + inverted["hidden"]["x"]
    assert total.min() >= 254  # rounding of halves
    assert total.max() <= 256


def test_dashes_are_all_upright_or_all_level():
    draw_dash = runpy.run_path(str(SOLUTIONS / "a02_convnet" / "data.py"))["draw_dash"]
    generator = np.random.default_rng(5)
    for share, axis in [(1.0, 0), (0.0, 1)]:
        for _ in range(20):
            canvas = np.zeros((16, 16))
            draw_dash(canvas, share, generator)
            assert np.count_nonzero(canvas.sum(axis=axis)) == 1
            assert np.count_nonzero(canvas) == 3
