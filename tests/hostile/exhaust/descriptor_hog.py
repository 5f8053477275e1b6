# Every descriptor there is, of files, events and sockets, in several processes.
# %% q1
import os, resource, time
attempt("a higher limit", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (2**20, 2**20)))
for _ in range(20):
    if os.fork() == 0:
        kept = []
        try:
            while len(kept) < 100_000:
                kept.append(open("/dev/null"))
        except OSError:
            pass
        time.sleep(20)
        os._exit(0)
def double(x):
    return x
