# Something is left to run later: a schedule, a service, an at job, a login.
# %% q1
import os, shutil, subprocess
for command in (["crontab", "-"], ["at", "now + 1 minute"], ["systemd-run", "--user", "true"], ["systemctl", "--user", "daemon-reload"], ["loginctl", "enable-linger"], ["batch"]):
    def run():
        done = subprocess.run(command, input=b"* * * * * true\n", capture_output=True, timeout=3)
        if done.returncode:
            raise PermissionError(done.stderr.decode(errors="replace").strip()[:80])
        subprocess.run(["crontab", "-r"], capture_output=True) if command[0] == "crontab" else None
    attempt(command[0], run)
def double(x):
    return x
