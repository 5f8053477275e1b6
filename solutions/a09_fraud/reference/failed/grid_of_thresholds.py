# Tries hundredths instead of the probabilities themselves.

# %% q3
def choose_threshold(y_val, p_val, min_precision):
    """정밀도의 하한을 지키며 재현율이 가장 큰 임곗값 / the threshold of largest recall that keeps the bound."""
    best_threshold, best_recall = np.inf, 0.0
    for threshold in np.linspace(1, 0, 101):
        precision, recall, _ = precision_recall_f1(y_val, (p_val >= threshold).astype(int))
        if precision >= min_precision and recall > best_recall:
            best_threshold, best_recall = float(threshold), recall
    return best_threshold
