# argmax over axis 0: ten answers however many images there are.

# %% q4
def train(model, data):
    """x_train으로 훈련하고 History를 반환합니다. / Train on x_train and return the History."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=3e-3),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model.fit(
        preprocess(data.x_train),
        data.y_train,
        validation_data=(preprocess(data.x_val), data.y_val),
        epochs=15,
        batch_size=64,
        verbose=0,
    )


def predict(model, x_raw):
    """원본 uint8 (n, 10, 10) -> 클래스 번호 (n,) / raw images to class numbers."""
    return model.predict(preprocess(x_raw), verbose=0).argmax(axis=0)
