# The environment of the grader: in this process, in its parents, and in any process there is.
# %% q1
import os, subprocess
look("own environment", lambda: repr(os.environ))
look("environment at start", lambda: read("/proc/self/environ"))
look("C environment", lambda: subprocess.run(["env"], capture_output=True).stdout)
for pid in (os.getppid(), 1, targets["grader"], targets["victim"]):
    for place in (f"/proc/{pid}/environ", f"/proc/{pid}/task/{pid}/environ"):
        look(place, lambda: read(place))
for pid in os.listdir("/proc"):
    if pid.isdigit():
        look(f"/proc/{pid}/environ", lambda: read(f"/proc/{pid}/environ"))
def double(x):
    return x
