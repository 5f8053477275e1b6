# Limits, priorities, processors and fate of other processes.
# %% q1
import os, resource
victim = targets["victim"]
attempt("prlimit", lambda: resource.prlimit(victim, resource.RLIMIT_NOFILE, (64, 64)))
attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, victim, 19))
attempt("processors", lambda: os.sched_setaffinity(victim, {0}))
attempt("oom score", lambda: open(f"/proc/{victim}/oom_score_adj", "w").write("1000"))
attempt("own priority", lambda: os.setpriority(os.PRIO_PROCESS, 0, -20))
attempt("real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)))
attempt("own fate", lambda: open("/proc/self/oom_score_adj", "w").write("-1000"))
attempt("own limits", lambda: resource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6)))
attempt("io priority", lambda: syscall(251, 1, 0, 1 << 13))
def double(x):
    return x
