# Scales to 0..1 instead of standardizing.

# %% q2
def fit_scaler(x_train):
    """훈련 데이터 (n, d)의 평균과 표준 편차 / mean and standard deviation of training data (n, d)."""
    low, high = x_train.min(axis=0), x_train.max(axis=0)
    return {"mean": low, "sd": np.where(high > low, high - low, 1.0)}


def apply_scaler(scaler, x):
    """x (m, d) -> 표준화한 float32 (m, d) / standardized by what fit_scaler returned."""
    return ((x - scaler["mean"]) / scaler["sd"]).astype("float32")


scaler = fit_scaler(data.x_train)
