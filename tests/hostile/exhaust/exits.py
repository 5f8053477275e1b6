# `sys.exit`, `exit` and `quit` in cells and in the function.
# %% q1
import sys
sys.exit(0)
# %% q1
exit()
# %% q1
def double(x):
    raise SystemExit("passed")
# %% q1
quit(keep_kernel=False)
