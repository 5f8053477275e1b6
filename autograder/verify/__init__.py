"""Proves an assessment sound with labelled reference submissions."""

from autograder.verify.label import compare_with_label, find_untested_cases
from autograder.verify.reference import Expected, Label, Reference, load_references

__all__ = [
    "Expected",
    "Label",
    "Reference",
    "compare_with_label",
    "find_untested_cases",
    "load_references",
]
