# A cell that uses no CPU and waits for what never comes.
# %% q1
import threading, time
def double(x):
    while True:
        try:
            threading.Event().wait(3600)
        except BaseException:
            pass
