# A cell that never ends.
# %% q1
while True:
    pass
# %% q1
def double(x):
    return x
