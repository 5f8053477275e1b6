# `os.abort` in the function.
# %% q1
import os
def double(x):
    os.abort()
