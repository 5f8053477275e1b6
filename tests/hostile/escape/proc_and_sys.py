# Switches of the machine in /proc/sys, /proc and /sys are opened for writing.
# %% q1
import glob, os
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/hostname", "/proc/sys/net/ipv4/ip_forward", "/proc/sysrq-trigger", "/proc/sys/fs/binfmt_misc/register", "/sys/kernel/uevent_helper", "/proc/sys/user/max_user_namespaces", "/sys/power/state", "/proc/acpi", "/proc/1/oom_score_adj", "/proc/self/attr/current", "/proc/self/loginuid", "/sys/kernel/mm/transparent_hugepage/enabled"):
    attempt(path, lambda: os.open(path, os.O_WRONLY))
def double(x):
    return x
