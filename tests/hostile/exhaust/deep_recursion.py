# Recursion without end, with Python's own bound taken away.
# %% q1
import sys
sys.setrecursionlimit(10**9)
def double(x):
    return double([x])
