# Gigabytes in places that are no process's own: memory files, shared memory, System V segments.
# %% q1
import ctypes, os
block = b"x" * 50_000_000
def fill(label, write, times=60):
    kept = 0
    try:
        for _ in range(times):
            write()
            kept += len(block)
    except BaseException as error:
        print(f"met: {label} after {kept // 10**6} MB: {type(error).__name__}: {error}")
    else:
        print(f"{label}: {kept // 10**6} MB")
memory = os.memfd_create("hog")
fill("memfd", lambda: os.write(memory, block))
os.close(memory)
def shm():
    with open(f"/dev/shm/{targets['mark']}-hog", "ab") as file:
        file.write(block)
fill("/dev/shm", shm)
def segment():
    number = call("shmget", 0, len(block), 0o1666)
    attach = ctypes.CDLL(None).shmat
    attach.restype = ctypes.c_void_p
    place = attach(number, None, 0)
    if place == ctypes.c_void_p(-1).value:
        raise OSError("shmat")
    ctypes.memset(place, 1, len(block))
fill("System V", segment, 10)
def double(x):
    return x
