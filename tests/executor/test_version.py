"""What must be the same on every machine."""

from autograder.executor.version import compare_versions, compare_with_scheduler, read_versions


def test_a_process_differs_from_itself_in_nothing():
    versions = read_versions()
    assert set(versions) == {"autograder", "Python", "Keras", "TensorFlow", "distributed"}
    assert "none" not in versions.values()
    assert compare_versions(versions, versions) == ""


def test_every_difference_is_named():
    here = read_versions()
    there = here | {"Keras": "2.0.0", "Python": "3.8"}
    text = compare_versions(here, there)
    assert text == f"Python 3.8 (here {here['Python']}), Keras 2.0.0 (here {here['Keras']})"


def test_a_scheduler_needs_no_keras():
    here = read_versions()
    assert compare_with_scheduler(here, here | {"Keras": "none", "TensorFlow": "none"}) == ""
    assert "autograder 9" in compare_with_scheduler(here, here | {"autograder": "9"})
