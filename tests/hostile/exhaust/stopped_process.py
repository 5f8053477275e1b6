# The kernel stops itself and whoever could wake it up.
# %% q1
import os, signal
def double(x):
    os.kill(os.getpid(), signal.SIGSTOP)
    return x
