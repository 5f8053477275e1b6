# Takes 0.23 % for 0.23.

# %% q5
# 오류율 0.23 %일 때 10,000장 가운데 틀린 장수 / wrong images of 10,000 at an error rate of 0.23 %
errors_mnist = round(VARIANT["test_images"] * 0.23)


def most_confused(y_true, y_pred):
    """가장 잦은 오류 (정답, 예측) / the most frequent error, (true, predicted)."""
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (y_true, y_pred), 1)
    np.fill_diagonal(counts, 0)
    true, predicted = np.unravel_index(counts.argmax(), counts.shape)
    return int(true), int(predicted)
