# io_uring, through which calls pass that a filter never sees.
# %% q1
import ctypes
attempt("io_uring_setup", lambda: syscall(425, 4, ctypes.create_string_buffer(256)))
attempt("io_uring_enter", lambda: syscall(426, 3, 1, 0, 0, 0, 0))
attempt("io_uring_register", lambda: syscall(427, 3, 0, 0, 0))
attempt("io_setup", lambda: syscall(206, 4096, ctypes.byref(ctypes.c_ulong())))
def double(x):
    return x
