"""Accepts what students send."""

from autograder.submit.finder import find_submissions

__all__ = ["find_submissions"]
