# A process leaves its session, its parent, its name and its environment, and stays.
# %% q1
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    os.closerange(0, 1024)
    os.chdir("/")
    os.execve(sys.executable, ["[kworker/0:0]", "-S", "-c", "import time; time.sleep(120)"], {})
def double(x):
    return x
# %% q1
if os.fork() == 0:
    os.setsid()
    time.sleep(120)
    os._exit(0)
os._exit(0)
