# Values too large to cross: a long text, a long list, a number of ten million bits, a wide array.
# %% q1
import itertools
import numpy as np
values = itertools.cycle([lambda: "6" * 10**8, lambda: [0.0] * 5_000_000, lambda: 1 << 10_000_000,
                          lambda: np.broadcast_to(np.float64(6), (10**5, 10**6)), lambda: {n: n for n in range(10**6)}])
def double(x):
    return next(values)()
