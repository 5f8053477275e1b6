# Moves by one pixel whatever the stride is.

# %% q1
def conv2d(image, kernel, stride=1):
    """뒤집지 않는 valid 합성곱 / valid cross-correlation of (h, w) with (kh, kw)."""
    kh, kw = kernel.shape
    rows = (image.shape[0] - kh) // stride + 1
    columns = (image.shape[1] - kw) // stride + 1
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i, j
            out[i, j] = np.sum(image[top : top + kh, left : left + kw] * kernel)
    return out


def maxpool2x2(image):
    """2x2 칸마다 최댓값 / the largest value of each 2x2 block: (h // 2, w // 2)."""
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    blocks = image[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2)
    return blocks.max(axis=(1, 3))
