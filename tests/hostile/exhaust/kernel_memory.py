# Memory that only the machine's kernel counts: pipes, sockets, watches, mappings, keys.
# %% q1
import os, socket, ctypes
kept = []
def until_refused(label, action, times):
    for number in range(times):
        try:
            kept.append(action())
        except BaseException as error:
            print(f"met: {label} after {number}: {type(error).__name__}: {error}")
            return
def full_pipe():
    ends = os.pipe()
    try:
        import fcntl
        fcntl.fcntl(ends[1], 1031, 2**20)
    except OSError:
        pass
    os.set_blocking(ends[1], False)
    os.write(ends[1], b"x" * 2**20)
    return ends
def full_socket():
    a, b = socket.socketpair()
    a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**22)
    a.setblocking(False)
    try:
        while True:
            a.send(b"x" * 65536)
    except BlockingIOError:
        return a, b
until_refused("pipes", full_pipe, 2000)
kept.clear()
until_refused("sockets", full_socket, 2000)
kept.clear()
watch = ctypes.CDLL(None, use_errno=True).inotify_init()
until_refused("mappings", lambda: __import__("mmap").mmap(-1, 4096), 100_000)
def double(x):
    return x
