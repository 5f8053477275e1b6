# Installed packages and the grader's own code are opened for writing, replaced and shadowed.
# %% q1
import os, shutil, sys, sysconfig
import autograder, numpy
site = sysconfig.get_paths()["purelib"]
for path in (autograder.__file__, numpy.__file__, sys.executable, sysconfig.get_paths()["stdlib"] + "/os.py"):
    attempt("open " + path, lambda: os.open(path, os.O_WRONLY | os.O_APPEND))
    attempt("times of " + path, lambda: os.utime(path))
    attempt("rights of " + path, lambda: os.chmod(path, os.stat(path).st_mode))
    attempt("link to " + path, lambda: os.link(path, path + targets["mark"]))
for folder in (site, os.path.dirname(autograder.__file__), os.path.dirname(sys.executable), os.path.join(os.path.dirname(numpy.__file__), "__pycache__"), sysconfig.get_paths()["stdlib"]):
    attempt("write in " + folder, lambda: open(os.path.join(folder, targets["mark"] + ".pth"), "w").write(""))
def double(x):
    return x
