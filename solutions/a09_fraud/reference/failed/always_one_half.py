# Does not choose at all.

# %% q3
def choose_threshold(y_val, p_val, min_precision):
    """정밀도의 하한을 지키며 재현율이 가장 큰 임곗값 / the threshold of largest recall that keeps the bound."""
    return 0.5
