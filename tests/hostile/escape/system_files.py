# Files that the system or other people read later: passwords, schedules, profiles, spools.
# %% q1
import os
for path in ("/etc/passwd", "/etc/shadow", "/etc/sudoers", "/etc/ld.so.preload", "/etc/crontab", "/etc/hosts", "/etc/resolv.conf", "/etc/environment", "/root/.bashrc", "/root/.ssh/authorized_keys"):
    attempt("write " + path, lambda: os.open(path, os.O_WRONLY | os.O_APPEND))
for folder in ("/", "/etc/cron.d", "/var/spool/cron", "/etc/profile.d", "/usr/local/bin", "/usr/lib", "/lib", "/boot", "/run", "/opt", "/srv", "/mnt", targets["canaries"], targets["temporary"]):
    attempt("write in " + folder, lambda: open(os.path.join(folder, targets["mark"]), "w").write("x"))
def double(x):
    return x
