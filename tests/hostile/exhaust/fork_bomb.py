# Processes that start processes, up to three thousand, each for a minute.
# %% q1
import os, time
end = time.time() + 60
def burst(depth):
    for _ in range(14 if depth else 0):
        try:
            if os.fork() == 0:
                os.setsid()
                burst(depth - 1)
                time.sleep(max(0, end - time.time()))
                os._exit(0)
        except OSError as error:
            print("met: fork:", error)
            return
burst(3)
def double(x):
    return x
