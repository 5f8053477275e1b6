# What the machine's own kernel knows: its log, its memory, its symbols and its keys.
# %% q1
import ctypes, os
buffer = ctypes.create_string_buffer(8192)
attempt("syslog", lambda: syscall(103, 3, buffer, 8192))
for path in ("/dev/kmsg", "/proc/kcore", "/proc/kmsg", "/proc/kpagecount", "/proc/vmallocinfo", "/proc/slabinfo", "/sys/kernel/debug", "/sys/kernel/tracing", "/sys/firmware/efi", "/proc/timer_list", "/proc/keys"):
    attempt(path, lambda: read(path, 4096) or 1 / 0 if not os.path.isdir(path) else os.listdir(path)[0])
addresses = look("kallsyms", lambda: read("/proc/kallsyms", 500)) or b""
if addresses and addresses.split()[0].strip(b"0"):
    print("reached: kernel addresses", addresses[:60])
def double(x):
    return x
