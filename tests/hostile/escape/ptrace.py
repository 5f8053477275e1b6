# The grader and its other process are traced.
# %% q1
import os
pids = {targets["victim"], targets["grader"], os.getppid()} - {0, os.getpid()}
for pid in pids:
    attempt("seize", lambda: syscall(101, 0x4206, pid, 0, 0))
attempt("attach", lambda: syscall(101, 16, targets["victim"], 0, 0))
look("be traced", lambda: syscall(101, 0, 0, 0, 0))
def double(x):
    return x
