# A write to address zero.
# %% q1
import ctypes
def double(x):
    ctypes.memset(0, 1, 1)
    return x
