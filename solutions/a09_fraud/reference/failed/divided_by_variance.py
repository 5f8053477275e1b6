# Divides by the variance.

# %% q2
def fit_scaler(x_train):
    """훈련 데이터 (n, d)의 평균과 표준 편차 / mean and standard deviation of training data (n, d)."""
    sd = x_train.var(axis=0)
    return {"mean": x_train.mean(axis=0), "sd": np.where(sd > 0, sd, 1.0)}


def apply_scaler(scaler, x):
    """x (m, d) -> 표준화한 float32 (m, d) / standardized by what fit_scaler returned."""
    return ((x - scaler["mean"]) / scaler["sd"]).astype("float32")


scaler = fit_scaler(data.x_train)
