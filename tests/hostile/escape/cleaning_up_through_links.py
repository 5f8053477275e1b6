# The folders that the grader will clean up become links that lead outside.
# %% q1
import os, pathlib
here, home, temporary = os.getcwd(), os.path.expanduser("~"), os.environ.get("TMPDIR", "/tmp")
os.symlink(targets["canaries"], "outside")
pathlib.Path("outside2").symlink_to("/")
for place in (temporary, home, here):
    def swap():
        os.rename(place, place + "-moved")
        os.symlink(targets["canaries"], place)
    look(place, swap)
os.makedirs("locked/inside", exist_ok=True) if os.path.isdir(".") else None
look("no rights", lambda: os.chmod("locked", 0))
def double(x):
    return x
