# Four gigabytes in forty processes that have left their parent.
# %% q1
import os, time
for _ in range(40):
    if os.fork() == 0:
        os.setsid()
        kept = bytearray(b"x") * 100_000_000
        time.sleep(30)
        os._exit(0)
time.sleep(3)
def double(x):
    return x
