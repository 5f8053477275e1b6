# Takes the largest of an empty list where no threshold keeps the bound.

# %% q3
def choose_threshold(y_val, p_val, min_precision):
    """정밀도의 하한을 지키며 재현율이 가장 큰 임곗값 / the threshold of largest recall that keeps the bound."""
    choices = []
    for threshold in np.unique(p_val):
        precision, recall, _ = precision_recall_f1(y_val, (p_val >= threshold).astype(int))
        if precision >= min_precision:
            choices.append((recall, float(threshold)))
    return max(choices)[1]
