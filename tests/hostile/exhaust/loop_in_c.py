# A computation in C that holds the interpreter's lock and hears no signal.
# %% q1
def double(x):
    return float(len(str(7 ** 30_000_000)) + sum(range(10**12)))
