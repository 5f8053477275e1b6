# Uses a convolution, which this assignment leaves to the next one.

# %% q3
def build_model():
    return keras.Sequential(
        [
            keras.Input(shape=(100,)),
            layers.Reshape((10, 10, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
