# Trains plainly, with the default learning rate: 112 frauds in 14,000 payments are learnt slowly.

# %% q4
def preprocess(x_raw):
    """원본 (n, 12) -> 모델의 입력 / raw rows to inputs of the model."""
    return apply_scaler(scaler, x_raw)


def build_model():
    """새 모델, 출력 (n, 1) / a new model with output (n, 1)."""
    return keras.Sequential(
        [
            keras.Input(shape=(12,)),
            layers.Dense(64, activation="relu"),
            layers.Dense(32, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def train(model, data):
    """x_train으로 훈련하고 History를 반환합니다. / Train on x_train and return the History."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-3),
        loss="binary_crossentropy",
        metrics=[keras.metrics.AUC(curve="PR", name="auprc")],
    )
    return model.fit(
        preprocess(data.x_train),
        data.y_train,
        validation_data=(preprocess(data.x_val), data.y_val),
        epochs=12,
        batch_size=256,
        verbose=0,
    )


def predict(model, x_raw):
    """원본 (n, 12) -> 사기 확률 (n,) / raw rows to probabilities of fraud."""
    return model.predict(preprocess(x_raw), batch_size=1024, verbose=0)[:, 0]


def raise_alarms(model, data, x_raw, min_precision):
    """경보이면 1, 아니면 0, (n,) / 1 for an alarm, 0 for none."""
    threshold = choose_threshold(data.y_val, predict(model, data.x_val), min_precision)
    return (predict(model, x_raw) >= threshold).astype(int)
