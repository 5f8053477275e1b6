# Signals to the grader, to its other process, to the parent and to everybody.
# %% q1
import os, signal
for name in ("victim",):
    for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
        attempt(name, lambda: os.kill(targets[name], number))
        attempt(name + " by pidfd", lambda: signal.pidfd_send_signal(os.pidfd_open(targets[name]), number))
        attempt(name + " by its thread", lambda: syscall(200, targets[name], int(number)))
        attempt(name + " queued", lambda: syscall(129, targets[name], int(number), bytes(128)))
attempt("the grader", lambda: os.kill(targets["grader"], signal.SIGWINCH))
if os.getppid() not in (0, os.getpid()):
    attempt("the parent", lambda: os.kill(os.getppid(), signal.SIGWINCH))
look("everybody", lambda: os.kill(-1, 0))
attempt("the group of the other process", lambda: os.killpg(targets["victim"], 0))
import fcntl
with open("own", "w") as file:
    attempt("by a file's owner", lambda: (fcntl.fcntl(file, fcntl.F_SETOWN, targets["victim"]), fcntl.fcntl(file, 10, signal.SIGTERM)))
def double(x):
    return x
