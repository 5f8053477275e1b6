# The key rings of the machine's kernel, which namespaces do not part.
# %% q1
attempt("add_key", lambda: syscall(248, b"user", targets["mark"].encode(), b"x", 1, -4))
for name, ring in (("session", -3), ("user", -4), ("user session", -5), ("process", -2)):
    attempt("keyctl " + name, lambda: syscall(250, 0, ring, 1))
    attempt("read " + name, lambda: syscall(250, 11, ring, b"\0" * 512, 512))
attempt("request_key", lambda: syscall(249, b"user", b"password", None, -3))
attempt("join", lambda: syscall(250, 1, None))
def double(x):
    return x
