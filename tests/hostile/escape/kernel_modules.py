# The machine's kernel is extended, replaced, stopped or told another time and name.
# %% q1
import ctypes, os, time
attempt("init_module", lambda: syscall(175, b"\x7fELF", 4, b""))
attempt("finit_module", lambda: syscall(313, os.open("/etc/hosts", 0), b"", 0))
attempt("delete_module", lambda: syscall(176, b"no_such_module_here", 0))
attempt("kexec_load", lambda: syscall(246, 0, 0, None, 0))
attempt("time", lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()))
attempt("adjtimex", lambda: syscall(159, ctypes.create_string_buffer(bytes([0, 0x40]), 256)))
attempt("host name", lambda: syscall(170, b"owned", 5))
attempt("domain name", lambda: syscall(171, b"owned", 5))
attempt("accounting", lambda: syscall(163, b"own"))
attempt("quota", lambda: syscall(179, 0x800001, None, 0, None))
attempt("hang up", lambda: syscall(153))
def double(x):
    return x
