# Values nested a hundred thousand deep, and values that hold themselves.
# %% q1
def nest(kind, depth):
    value = kind(())
    for _ in range(depth):
        value = [value] if kind is list else (value,)
    return value
def double(x):
    if isinstance(x, float):
        itself = []
        itself.append(itself)
        return itself if x == 3.0 else {"a": nest(tuple, 1000)}
    return nest(list, 100_000)
