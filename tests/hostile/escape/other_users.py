# Another user, other groups, more capabilities.
# %% q1
import ctypes, os
uid = os.getuid()
for name, action in {"uid 0": lambda: os.setuid(0), "uid of the grader": lambda: os.setuid(targets["uid"]), "gid 0": lambda: os.setgid(0), "groups": lambda: os.setgroups([0]), "resuid": lambda: os.setresuid(0, 0, 0),
                     "next uid": lambda: os.setuid(uid + 1), "nobody": lambda: os.setuid(65534), "file system uid": lambda: os.chown(".", 0, 0)}.items():
    if uid != targets["uid"] or name not in ("uid of the grader",):
        attempt(name, action)
class Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]
class Sets(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]
full = (Sets * 2)(*[Sets(0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF)] * 2)
attempt("capabilities", lambda: syscall(126, ctypes.byref(Header(0x20080522, 0)), full))
own = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
if int(own["CapEff"], 16) or int(own["CapPrm"], 16) or int(own["CapBnd"], 16):
    print("reached: capabilities", own["CapEff"], own["CapPrm"], own["CapBnd"])
if own.get("NoNewPrivs", "1").strip() != "1":
    print("reached: privileges may still be gained")
attempt("keep capabilities", lambda: call("prctl", 47, 2, 21, 0, 0))
def double(x):
    return x
