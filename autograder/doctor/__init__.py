"""Examines this machine: which walls hold when student code runs into them, and what else works."""

from autograder.doctor.examination import Examination, Finding, examine

__all__ = ["Examination", "Finding", "examine"]
