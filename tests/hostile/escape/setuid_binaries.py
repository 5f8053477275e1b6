# Programs that run as root: those that are there, and one of the student's own making.
# %% q1
import os, shutil, stat, subprocess
found = []
for folder in ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/lib/openssh", "/usr/lib/dbus-1.0"):
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        path = os.path.join(folder, name)
        try:
            if os.lstat(path).st_mode & (stat.S_ISUID | stat.S_ISGID):
                found.append(path)
        except OSError:
            pass
print("setuid:", found)
def become(command):
    run = subprocess.run(command, capture_output=True, text=True, timeout=3, stdin=subprocess.DEVNULL)
    if "uid=0(" not in run.stdout:
        raise PermissionError(run.stderr.strip()[:100] or f"exit status {run.returncode}")
    return run.stdout
for path in found:
    if path.endswith(("/su", "/sudo", "/pkexec", "/doas")):
        attempt(path, lambda: become([path, *(["-c", "id"] if path.endswith("/su") else ["-n", "id"] if path.endswith("sudo") else ["id"])]))
for folder in (".", "/tmp", "/dev/shm"):
    def own():
        path = os.path.join(folder, targets["mark"] + "id")
        shutil.copy("/usr/bin/id", path)
        try:
            os.chmod(path, 0o6755)
            return become([path])
        finally:
            os.unlink(path)
    attempt("own in " + folder, own)
def double(x):
    return x
