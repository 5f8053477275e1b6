# Scores without softmax, and a loss that expects probabilities: trains silently, and badly.

# %% q3
def build_model():
    """새 MLP를 만듭니다. / Make a new MLP.

    입력 / input (n, 100), 출력 / output (n, 10), 매개변수 / parameters <= 25,000
    """
    return keras.Sequential(
        [
            keras.Input(shape=(100,)),
            layers.Dense(128, activation="relu"),
            layers.Dense(10),
        ]
    )
