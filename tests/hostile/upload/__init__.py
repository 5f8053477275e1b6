"""Uploads that strangers would send; each public function of a module here makes one.

A function gets an empty folder and the targets, and returns the path that is given to the grader.
"""
