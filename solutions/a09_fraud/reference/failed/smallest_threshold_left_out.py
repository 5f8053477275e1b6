# Alarms above each value of p, so the payments at the smallest never become alarms.

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
    average, last_recall = 0.0, 0.0
    for threshold in np.unique(p)[::-1]:
        precision, recall, _ = precision_recall_f1(y_true, (p > threshold).astype(int))
        average += (recall - last_recall) * precision
        last_recall = recall
    return average
