# New namespaces, in which one would be root, and the namespaces of others.
# %% q1
import ctypes, os
kinds = {"user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "net": 0x40000000, "ipc": 0x8000000, "uts": 0x4000000, "cgroup": 0x2000000, "time": 0x80}
for name, flag in kinds.items():
    attempt("unshare " + name, lambda: syscall(272, flag))
    def child():
        pid = syscall(56, flag | 17, 0, 0, 0, 0)
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        return pid
    attempt("clone " + name, child)
class CloneArguments(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("flags", "pidfd", "child", "parent", "signal", "stack", "size", "tls", "set", "count", "cgroup")]
def clone3():
    pid = syscall(435, ctypes.byref(CloneArguments(flags=0x10000000, signal=17)), 88)
    if pid == 0:
        os._exit(0)
    return pid
attempt("clone3", clone3)
for pid in (1, os.getppid(), targets["grader"], targets["victim"]):
    for kind in ("mnt", "net", "user", "pid", "ipc"):
        if not os.path.exists(f"/proc/{pid}") or os.readlink(f"/proc/self/ns/{kind}") != look("ns", lambda: os.readlink(f"/proc/{pid}/ns/{kind}")):
            attempt(f"setns {kind} of {pid}", lambda: syscall(308, os.open(f"/proc/{pid}/ns/{kind}", 0), 0))
def double(x):
    return x
