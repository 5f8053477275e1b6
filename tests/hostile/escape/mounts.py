# File systems are mounted, moved, made writable and taken away, by old and new system calls.
# %% q1
import os
os.makedirs("m", exist_ok=True)
attempt("tmpfs", lambda: call("mount", b"none", b"m", b"tmpfs", 0, None))
attempt("proc", lambda: call("mount", b"none", b"m", b"proc", 0, None))
attempt("bind", lambda: call("mount", b"/", b"m", None, 4096, None))
attempt("remount", lambda: call("mount", None, b"/", None, 32 | 4096, None))
attempt("overlay", lambda: call("mount", b"none", b"m", b"overlay", 0, b"lowerdir=/,upperdir=m,workdir=m"))
for place in (b"/proc", b"/tmp", b"/home/student", b"/dev/shm", b"/sys"):
    attempt("umount " + place.decode(), lambda: call("umount2", place, 2))
attempt("open_tree", lambda: syscall(428, -100, b"/", 1))
attempt("fsopen", lambda: syscall(430, b"tmpfs", 0))
attempt("move_mount", lambda: syscall(429, -100, b"/tmp", -100, b"m", 0))
attempt("mount_setattr", lambda: syscall(442, -100, b"/", 0, bytes(32), 32))
attempt("swapon", lambda: syscall(167, b"own", 0))
def double(x):
    return x
