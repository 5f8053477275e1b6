# Divides by the number of frauds even if there is none.

# %% q1
def precision_recall_f1(y_true, y_pred):
    """정답과 답 (n,), 0 또는 1 -> (정밀도, 재현율, F1) / truths and answers to three real numbers."""
    found = np.sum((y_true == 1) & (y_pred == 1))
    alarms, frauds = np.sum(y_pred == 1), np.sum(y_true == 1)
    precision = float(found / alarms) if alarms > 0 else 0.0
    recall = float(found / frauds) if frauds > 0 else 0.0
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both > 0 else 0.0


def average_precision(y_true, p):
    """정답 (n,)과 사기 확률 (n,) -> 평균 정밀도 / truths and probabilities to the average precision."""
    order = np.argsort(-p, kind="stable")
    y, p = y_true[order], p[order]
    last_of_equals = np.append(np.diff(p) != 0, True)
    found = np.cumsum(y)[last_of_equals]
    alarms = np.arange(1, len(y) + 1)[last_of_equals]
    return np.sum(np.diff(found, prepend=0) * found / alarms) / np.float64(y.sum())
