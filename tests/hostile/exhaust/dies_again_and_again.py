# Every kernel dies, in the cell, in the call, and when earlier cells are run again.
# %% q1
import os, threading
threading.Timer(1.0, lambda: os._exit(1)).start()
# %% q1
import time
time.sleep(2)
# %% q1
def double(x):
    os._exit(0)
