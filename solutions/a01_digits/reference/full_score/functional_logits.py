# Right in another style: functional API, scores with from_logits=True, one-hot labels, compiled in
# build_model, batch normalization, early stopping on the validation images.

# %% q2
def one_hot(y, k):
    """정수 레이블 (n,) -> float32 (n, k) / integer labels to rows with a single 1."""
    rows = np.zeros((len(y), k), dtype="float32")
    rows[np.arange(len(y)), y] = 1.0
    return rows


def softmax(z):
    """점수 (n, k) -> 행마다 합이 1인 확률 (n, k) / scores to probabilities, row by row."""
    return keras.ops.convert_to_numpy(keras.ops.softmax(z, axis=-1))


def error_rate(y, p):
    """정답 y와 예측 p (n,)가 다른 비율 / share of wrong predictions, from 0 to 1."""
    return float(np.mean(y != p))


# %% q3
def build_model():
    inputs = keras.Input(shape=(100,))
    x = layers.Dense(96)(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.Activation("relu")(x)
    x = layers.Dense(64, activation="elu")(x)
    x = layers.Dropout(0.1)(x)
    model = keras.Model(inputs, layers.Dense(10)(x))
    model.compile(
        optimizer="adam",
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


# %% q4
def train(model, data):
    stop = keras.callbacks.EarlyStopping(patience=6, restore_best_weights=True)
    return model.fit(
        preprocess(data.x_train),
        one_hot(data.y_train, 10),
        validation_data=(preprocess(data.x_val), one_hot(data.y_val, 10)),
        epochs=20,
        batch_size=50,
        callbacks=[stop],
        verbose=0,
    )


def predict(model, x_raw):
    return np.argmax(keras.ops.convert_to_numpy(model(preprocess(x_raw), training=False)), axis=-1)


# %% q5
import pandas as pd

errors_mnist = round(VARIANT["test_images"] * 0.23 / 100)


def most_confused(y_true, y_pred):
    pairs = pd.DataFrame({"true": y_true, "predicted": y_pred})
    errors = pairs[pairs.true != pairs.predicted]
    counts = errors.groupby(["true", "predicted"]).size()
    return counts.idxmax()
