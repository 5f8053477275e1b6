# Normalizes over the batch instead of over the classes.

# %% q2
def one_hot(y, k):
    return np.eye(k, dtype="float32")[y]


def softmax(z):
    exponentials = np.exp(z - z.max(axis=0))
    return exponentials / exponentials.sum(axis=0)


def error_rate(y, p):
    return float(np.mean(y != p))
