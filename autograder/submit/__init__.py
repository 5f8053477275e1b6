"""Accepts what students send."""

from autograder.submit.finder import Uploads, find_submissions, find_uploads

__all__ = ["Uploads", "find_submissions", "find_uploads"]
