"""Variants of an assessment: drawn, built, proven equally hard, and allocated to students.

`streams` is for the `data.py` of assessments, so nothing is imported here.
"""
