# Reshapes to (100, n) and transposes: the shape is right, but a row holds pixels of several images.

# %% q1
def preprocess(x_raw):
    """이미지를 신경망의 입력으로 바꿉니다. / Turn images into inputs of the network.

    x_raw: uint8 (n, 10, 10), 0..255
    반환 / returns: float32 (n, 100), 0..1
    """
    scaled = x_raw.astype("float32") / 255.0
    return scaled.reshape(-1, len(x_raw)).T
