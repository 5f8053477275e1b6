"""Tells students and staff what grading found: pages, Gradescope's JSON, the class's grades.

Every function here takes results and gives text; only `writer` touches the disk. What a student
may see is decided in one place, `exposure`.
"""

from autograder.report.class_page import render_class_page
from autograder.report.feedback import render_feedback
from autograder.report.grades import make_grades_csv
from autograder.report.gradescope import make_gradescope_results
from autograder.report.writer import write_class_report, write_submission_report

__all__ = [
    "make_grades_csv",
    "make_gradescope_results",
    "render_class_page",
    "render_feedback",
    "write_class_report",
    "write_submission_report",
]
