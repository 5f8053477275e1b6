# Flattens first and convolves what a dense layer made: features no longer move with the image.

# %% q3
def preprocess(x_raw):
    """uint8 (n, 16, 16), 0..255 -> float32 (n, 16, 16, 1), 0..1"""
    return (x_raw.astype("float32") / 255.0)[..., np.newaxis]


def build_model():
    return keras.Sequential(
        [
            keras.Input(shape=(16, 16, 1)),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Reshape((8, 8, 1)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
