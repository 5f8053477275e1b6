# Sigmoid outputs with binary cross-entropy on one-hot labels: trains silently, and its accuracy
# counts bits.

# %% q3
def preprocess(x_raw):
    """uint8 (n, 16, 16), 0..255 -> float32 (n, 16, 16, 1), 0..1"""
    return (x_raw.astype("float32") / 255.0)[..., np.newaxis]


def build_model():
    """새 CNN을 만듭니다. / Make a new CNN.

    입력 / input (n, 16, 16, 1), 출력 / output (n, 10), 매개변수 / parameters <= 30,000
    """
    return keras.Sequential(
        [
            keras.Input(shape=(16, 16, 1)),
            layers.Conv2D(12, 3, padding="same"),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Conv2D(24, 3, padding="same"),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Conv2D(48, 3, padding="same"),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.GlobalMaxPooling2D(),
            layers.Dense(10, activation="sigmoid"),
        ]
    )


# %% q4
def train(model, data):
    """x_train으로 훈련하고 History를 반환합니다. / Train on x_train and return the History."""
    epochs, batch_size = 6, 32
    steps = epochs * len(data.x_train) // batch_size
    schedule = keras.optimizers.schedules.CosineDecay(6e-3, decay_steps=steps)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=schedule),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    return model.fit(
        preprocess(data.x_train),
        np.eye(10)[data.y_train],
        validation_data=(preprocess(data.x_val), np.eye(10)[data.y_val]),
        epochs=epochs,
        batch_size=batch_size,
        verbose=0,
    )


def predict(model, x_raw):
    """원본 uint8 (n, 16, 16) -> 클래스 번호 (n,) / raw images to class numbers."""
    return model.predict(preprocess(x_raw), verbose=0).argmax(axis=1)
