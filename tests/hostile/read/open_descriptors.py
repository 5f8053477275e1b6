# Every open descriptor is read, written and asked for more descriptors.
# %% q1
import array, os, socket, stat
for name in sorted(os.listdir("/proc/self/fd"), key=int):
    number = int(name)
    if number < 3 or not os.path.exists(f"/proc/self/fd/{number}"):
        continue
    link = os.readlink(f"/proc/self/fd/{number}")
    mode = os.fstat(number).st_mode
    if stat.S_ISREG(mode):
        look(link, lambda: os.pread(number, 10**6, 0))
    if stat.S_ISDIR(mode):
        attempt("openat " + link, lambda: os.open("../../../../../.." + targets["secret_file"], os.O_RDONLY, dir_fd=number))
    if stat.S_ISSOCK(mode):
        with socket.socket(fileno=os.dup(number)) as line:
            line.setblocking(False)
            print(number, line.family, line.type)
            if line.family == socket.AF_UNIX and line.type == socket.SOCK_STREAM and not line.getsockname():
                look("received", lambda: line.recvmsg(4096, socket.CMSG_SPACE(64), socket.MSG_PEEK)[0])
def double(x):
    return x
