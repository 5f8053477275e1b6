# Right in another style: no Input layer, so that the first batch builds the model, valid padding,
# and softmax as a layer of its own.

# %% q3
def preprocess(x_raw):
    """uint8 (n, 16, 16), 0..255 -> float32 (n, 16, 16, 1), 0..1"""
    return (x_raw.astype("float32") / 255.0)[..., np.newaxis]


def build_model():
    return keras.Sequential(
        [
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.BatchNormalization(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Conv2D(48, 3, activation="relu"),
            layers.GlobalMaxPooling2D(),
            layers.Dense(10),
            layers.Softmax(),
        ]
    )
