# The interpreter that the grader runs is overwritten through /proc/self/exe.
# %% q1
import os, threading, time
for path in ("/proc/self/exe", "/proc/1/exe", f"/proc/{os.getppid()}/exe"):
    attempt("write " + path, lambda: os.open(path, os.O_WRONLY))
with open("/proc/self/maps") as maps:
    library = next(line.split()[-1] for line in maps if ".so" in line)
attempt("write " + library, lambda: os.open(library, os.O_WRONLY))
def through_memory():
    before = read(library, 64)
    with open(library, "rb") as file:
        import mmap
        page = mmap.mmap(file.fileno(), 4096, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE)
        import ctypes
        address = int(next(line for line in open("/proc/self/maps") if library in line).split("-")[0], 16)
        with open("/proc/self/mem", "r+b", 0) as memory:
            memory.seek(address)
            memory.write(before[:4])
        if read(library, 64) != before:
            return "the file was changed"
    raise PermissionError("only the own copy was changed")
attempt("copy on write", through_memory)
def double(x):
    return x
