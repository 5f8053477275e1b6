"""What runs into each wall from the inside: cells for a kernel, each of which prints what it met.

A probe prints a line of JSON: whether the wall held, and what it met. Names that it may use: `ct`
(ctypes), `os`, `call` (a system call, its error or None), and what the examiner told it about the
outside: `ours` (process id, user id, namespaces of the grader), `canary` (a file that everybody may
read), `port` (a listener on loopback).
"""

from __future__ import annotations

SETUP = """
import ctypes as ct, errno, json, os, platform, resource, socket, threading
ours, canary, port = json.loads({told!r})
numbers = {{"x86_64": (101, 272, 425, 165), "aarch64": (117, 97, 425, 40)}}[platform.machine()]
PTRACE, UNSHARE, IO_URING, MOUNT = numbers
library = ct.CDLL(None, use_errno=True)
def call(number, *arguments):
    ct.set_errno(0)
    result = library.syscall(number, *map(ct.c_ulong, arguments))
    return errno.errorcode[ct.get_errno()] if result < 0 else None
def tell(held, met):
    print(json.dumps([bool(held), str(met)]))
def trying(work, *refusals):
    try:
        work()
    except refusals as error:
        tell(True, f"{{type(error).__name__}}: {{error.strerror or error}}")
    else:
        tell(False, "it succeeded")
def namespace(kind):
    mine = os.readlink(f"/proc/self/ns/{{kind}}")
    tell(mine != ours["namespaces"].get(kind), f"{{mine}}, the grader has {{ours['namespaces'].get(kind)}}")
"""

PROBES = {
    "uid": """
rows = [line.split() for line in open("/proc/self/uid_map")]
outside = [int(first) + os.getuid() - int(inside) for inside, first, count in rows
           if int(inside) <= os.getuid() < int(inside) + int(count)]
tell(outside != [ours["uid"]], f"user {outside[0] if outside else '?'} outside, the grader is {ours['uid']}")
""",
    "user": 'namespace("user")',
    "mount": "trying(lambda: open(canary).read(), FileNotFoundError)",
    "pid": """
seen = [entry for entry in os.listdir("/proc") if entry.isdigit()]
namespaced = os.readlink("/proc/self/ns/pid") != ours["namespaces"].get("pid")
tell(namespaced and os.getpid() < 100, f"{len(seen)} processes to be seen, itself number {os.getpid()}")
""",
    "network": "trying(lambda: socket.create_connection(('127.0.0.1', port), timeout=2).close(), OSError)",
    "ipc": 'namespace("ipc")',
    "uts": 'namespace("uts")',
    "landlock": "trying(lambda: open('/proc/self/comm', 'w').write('x'), PermissionError)",
    "seccomp": """
met = {"ptrace": call(PTRACE, 0, 0, 0, 0), "unshare": call(UNSHARE, 0x10000000), "io_uring_setup": call(IO_URING, 1, 0)}
tell(met == {"ptrace": "EPERM", "unshare": "EPERM", "io_uring_setup": "ENOSYS"}, ", ".join(f"{name}: {error or 'succeeded'}" for name, error in met.items()))
""",
    "capabilities": """
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
held = {name: int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")}
tell(not any(held.values()) and status["NoNewPrivs"].strip() == "1", f"effective {held['CapEff']:x}, permitted {held['CapPrm']:x}, no new privileges: {status['NoNewPrivs'].strip()}")
""",
    "rlimits": """
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
def open_many():
    files = []
    try:
        for _ in range(limit + 1):
            files.append(os.open("/dev/null", os.O_RDONLY))
    finally:
        for file in files:
            os.close(file)
trying(open_many, OSError)
""",
}

CROWD = """
import threading, time
stop = threading.Event()
count = 0
try:
    for _ in range(400):
        threading.Thread(target=stop.wait, daemon=True).start()
        count += 1
except RuntimeError:
    pass
stop.set()
print(count)
"""
CROWD_PROCESSES = 200

HOG = """
held = []
for _ in range(200):
    held.append(bytearray(16 * 2**20))
    for place in range(0, len(held[-1]), 4096):
        held[-1][place] = 1
print("all of it")
"""
HOG_MEMORY_MIB = 256

SPEED = """
import time
import keras, numpy as np
numbers = np.random.default_rng(0)
x, y = numbers.normal(size=(2000, 64)).astype("float32"), numbers.integers(0, 10, 2000)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
start = time.perf_counter()
model.fit(x, y, epochs=3, verbose=0)
print(f"{time.perf_counter() - start:.2f} {keras.version()}")
"""
