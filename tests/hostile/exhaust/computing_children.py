# All the computing is done by processes that nobody waits for.
# %% q1
import os, time
def double(x):
    for _ in range(8):
        if os.fork() == 0:
            if os.fork() == 0:
                os.setsid()
                end = time.time() + 60
                while time.time() < end:
                    pass
            os._exit(0)
    time.sleep(20)
    return x
