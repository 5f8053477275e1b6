# Takes the threshold of the best F1 for every customer.

# %% q5
# 결제 50,000건인 날 "언제나 정상"의 정확도 / accuracy of "always normal" on the day of 50,000 payments
accuracy_always_normal = 1 - VARIANT["daily_frauds"] / 50_000

# 예 / example: cheapest = {"shop": "C", "card": "A", "transfer": "A"}
cheapest = dict.fromkeys(("shop", "card", "transfer"), VARIANT["threshold_names"][1])


def total_cost(y, alarms, cost_missed, cost_false_alarm):
    """놓친 사기와 헛경보의 비용의 합 / sum of the costs of missed frauds and false alarms."""
    missed = np.sum((y == 1) & (alarms == 0))
    false_alarms = np.sum((y == 0) & (alarms == 1))
    return float(missed * cost_missed + false_alarms * cost_false_alarm)
