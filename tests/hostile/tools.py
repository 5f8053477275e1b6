# The first cell of every attack: tries things and says what they met.
import ctypes
import os
import re


def tell(error):
    text = getattr(error, "strerror", None) or str(error).partition("\n")[0][:100]
    return f"{type(error).__name__}: {text}"


def attempt(label, action):
    """Do what must not be possible: `reached` counts as a success of the attack."""
    try:
        got = action()
    except BaseException as error:
        print(f"met: {label}: {tell(error)}")
    else:
        print(f"reached: {label}: {str(got)[:200]}")


def look(label, action):
    """Do what may be possible, and print what it shows: a secret in it counts as a success."""
    try:
        got = action()
    except BaseException as error:
        print(f"met: {label}: {tell(error)}")
        return None
    if isinstance(got, str):
        got = got.encode(errors="replace")
    if isinstance(got, bytes):
        for secret in sorted(set(re.findall(rb"secret-\w+-[0-9a-f]{32}", got)))[:50]:
            print("found:", label, secret.decode())
    return got


def read(path, limit=10**7):
    with open(path, "rb") as file:
        return file.read(limit)


_c = ctypes.CDLL(None, use_errno=True)


def syscall(number, *arguments):
    """A system call by its number; a refusal is an OSError."""
    ctypes.set_errno(0)
    plain = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    got = _c.syscall(ctypes.c_long(number), *plain)
    if got == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return got


def call(name, *arguments):
    """A function of the C library; -1 is an OSError."""
    ctypes.set_errno(0)
    got = getattr(_c, name)(*[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if got == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return got
