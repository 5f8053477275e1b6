# What /proc tells of other processes: their memory, files, folders, command lines and maps.
# %% q1
import os
for pid in (targets["grader"], targets["victim"]):
    attempt("is it there", lambda: os.stat(f"/proc/{pid}"))
    for part in ("mem", "maps", "environ", "cmdline", "stack", "auxv", "pagemap", "syscall"):
        attempt(f"/proc/{pid}/{part}", lambda: read(f"/proc/{pid}/{part}", 4096))
    for part in ("cwd", "root", "fd", "map_files", "ns"):
        attempt(f"/proc/{pid}/{part}", lambda: os.listdir(f"/proc/{pid}/{part}"))
def double(x):
    return x
