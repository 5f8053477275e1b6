# `os._exit` in a cell.
# %% q1
import os
os._exit(0)
# %% q1
def double(x):
    return x
