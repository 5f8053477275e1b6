# A function that never returns.
# %% q1
def double(x):
    while True:
        pass
