# Memory that processes share: POSIX and System V segments, message queues.
# %% q1
import os
from multiprocessing import shared_memory, resource_tracker
attempt("by its path", lambda: read(targets["shm"]))
attempt("by its name", lambda: shared_memory.SharedMemory(os.path.basename(targets["shm"])).buf[:80].tobytes())
for name in os.listdir("/dev/shm") if os.path.isdir("/dev/shm") else ():
    look(name, lambda: read("/dev/shm/" + name))
for kind in ("shm", "msg", "sem"):
    lines = look(kind, lambda: read(f"/proc/sysvipc/{kind}")) or b""
    if len(lines.splitlines()) > 1:
        print("reached: System V", lines[:300])
attempt("mqueue", lambda: os.listdir("/dev/mqueue") or 1 / 0)
def double(x):
    return x
