"""Grades and regrades whole classes: what is known, what waits, who has it, what becomes of it."""
