# 10^9 bytes of output from one cell.
# %% q1
line = "x" * 1_000_000
for _ in range(1000):
    print(line)
# %% q1
def double(x):
    print(line * 100)
    return x
