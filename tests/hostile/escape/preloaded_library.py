# LD_PRELOAD and its relatives: a library of the student's in every program that starts.
# %% q1
import os, pathlib, subprocess, sys
pathlib.Path("own.so").write_bytes(b"\x7fELF not really")
for name in ("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME"):
    os.environ[name] = os.path.abspath("own.so" if name != "PYTHONPATH" else ".")
pathlib.Path("sitecustomize.py").write_text("import os; open(%r, 'w').write('x')" % os.path.join(targets["canaries"], "preloaded"))
attempt("/etc/ld.so.preload", lambda: open("/etc/ld.so.preload", "a"))
attempt("/etc/ld.so.cache", lambda: open("/etc/ld.so.cache", "r+b"))
for program in ("/usr/bin/su", "/bin/su", "/usr/bin/sudo", "/usr/bin/passwd"):
    if os.path.exists(program):
        look(program, lambda: subprocess.run([program, "--version"], capture_output=True, timeout=3, stdin=subprocess.DEVNULL).stdout)
def double(x):
    return x
