# The folder, the process and the files of the submission that is graded at the same time.
# %% q1
import glob, os
folder, pid, uid = targets["neighbour"].rsplit(" ", 2)
own = os.getcwd()
print("own folder", own, "the other's", folder)
if own != folder:
    attempt("its folder", lambda: os.listdir(folder))
    attempt("its file", lambda: read(folder + "/mine.txt"))
for number in {pid, *os.listdir("/proc")} - {str(os.getpid()), "self", "thread-self"}:
    if number.isdigit():
        for part in ("environ", "cmdline", "cwd/mine.txt", "root" + folder + "/mine.txt"):
            look(f"/proc/{number}/{part}", lambda: read(f"/proc/{number}/{part}"))
for path in glob.glob("/tmp/*/*/mine.txt") + glob.glob("/home/*/*/mine.txt") + glob.glob(targets["temporary"] + "/*/*/mine.txt") + glob.glob("/home/student/../*/**", recursive=True):
    look(path, lambda: read(path))
def double(x):
    return x
