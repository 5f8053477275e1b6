# Four gigabytes in one process.
# %% q1
def double(x):
    kept = []
    for _ in range(40):
        kept.append(bytearray(b"x") * 100_000_000)
    return x
