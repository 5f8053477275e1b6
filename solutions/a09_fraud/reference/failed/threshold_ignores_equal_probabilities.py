# Counts payments of equal probability one after the other.

# %% q3
def choose_threshold(y_val, p_val, min_precision):
    """정밀도의 하한을 지키며 재현율이 가장 큰 임곗값 / the threshold of largest recall that keeps the bound."""
    order = np.argsort(-p_val, kind="stable")
    found = np.cumsum(y_val[order])
    kept = np.flatnonzero(found / np.arange(1, len(found) + 1) >= min_precision)
    if len(kept) == 0:
        return np.inf
    return float(p_val[order][kept[np.argmax(found[kept])]])
