# Takes the threshold of the largest F1 and forgets the bound.

# %% q3
def choose_threshold(y_val, p_val, min_precision):
    """정밀도의 하한을 지키며 재현율이 가장 큰 임곗값 / the threshold of largest recall that keeps the bound."""
    scores = {t: precision_recall_f1(y_val, (p_val >= t).astype(int))[2] for t in np.unique(p_val)}
    return float(max(scores, key=scores.get))
