"""The scorer: a process of the grader's own, with Keras loaded, where tests meet values.

Its child side (`main`, `scope`, `standins`, `cases`, `training`, `metrics`) runs in a fork of a
warm process (`warm`), fresh for every submission. Only `process` is imported by the rest of the
grader.
"""
