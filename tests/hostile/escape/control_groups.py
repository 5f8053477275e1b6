# The control group that bounds this submission is left, widened or used to run a program outside.
# %% q1
import glob, os
own = read("/proc/self/cgroup").decode()
print(own)
for top in ("/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/unified"):
    for name in ("cgroup.procs", "tasks", "release_agent", "memory.max", "memory.limit_in_bytes", "pids.max", "notify_on_release", "cgroup.subtree_control"):
        path = os.path.join(top, name)
        attempt(path, lambda: os.open(path, os.O_WRONLY))
    attempt("new group in " + top, lambda: os.mkdir(os.path.join(top, targets["mark"])))
attempt("cgroup v1", lambda: call("mount", b"none", b".", b"cgroup", 0, b"memory"))
attempt("cgroup v2", lambda: call("mount", b"none", b".", b"cgroup2", 0, None))
def double(x):
    return x
