# Memory, ports and disks of the machine, by the devices that are there and by new ones.
# %% q1
import os, stat
for path in ("/dev/mem", "/dev/kmem", "/dev/port", "/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/kvm", "/dev/fuse", "/dev/loop-control", "/dev/net/tun", "/dev/vhost-vsock", "/dev/uinput", "/dev/nvidiactl", "/dev/console", "/dev/tty0", "/dev/watchdog", "/dev/cuse", "/dev/snapshot", "/dev/mapper/control"):
    attempt(path, lambda: os.open(path, os.O_RDONLY | os.O_NONBLOCK))
for kind, major, minor in ((stat.S_IFCHR, 1, 1), (stat.S_IFBLK, 254, 0), (stat.S_IFBLK, 8, 0), (stat.S_IFCHR, 5, 1)):
    name = f"dev{major}.{minor}"
    def make():
        os.mknod(name, kind | 0o666, os.makedev(major, minor))
        return os.open(name, os.O_RDONLY | os.O_NONBLOCK)
    attempt("mknod " + name, make)
attempt("iopl", lambda: syscall(172, 3))
attempt("ioperm", lambda: syscall(173, 0x80, 1, 1))
def double(x):
    return x
