# Symbolic and hard links inside the own folder lead to the bundle.
# %% q1
import os, pathlib, shutil
for number, path in enumerate((targets["bundle"] + "/bundle.json", targets["secret_file"], targets["home_secret"])):
    os.symlink(path, f"soft{number}")
    attempt("soft link", lambda: read(f"soft{number}"))
    attempt("hard link", lambda: (os.link(path, f"hard{number}"), read(f"hard{number}")))
    attempt("copy", lambda: shutil.copy(path, f"copy{number}"))
os.symlink("/", "all")
for path in ("all" + targets["secret_file"], "../" * 30 + targets["secret_file"], "/proc/self/cwd/../../../.." + targets["secret_file"]):
    attempt(path, lambda: read(path))
def double(x):
    return x
