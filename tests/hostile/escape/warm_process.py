# The process that all kernels are forked from is signalled, traced and changed.
# %% q1
import os, signal
parent, own = os.getppid(), os.getpid()
print(parent, own)
if parent > 0 and own != 1:
    attempt("signal", lambda: os.kill(parent, signal.SIGCONT))
    attempt("memory", lambda: os.open(f"/proc/{parent}/mem", os.O_RDWR))
    attempt("descriptors", lambda: os.listdir(f"/proc/{parent}/fd"))
    attempt("trace", lambda: syscall(101, 0x4206, parent, 0, 0))
if own == 1:
    print("met: this process is the first of its own tree")
def double(x):
    return x
