# Gives the cost of a payment instead of the sum.

# %% q5
# 50,000건 가운데 사기가 400건일 때 "언제나 정상"의 정확도 / accuracy of "always normal", 400 frauds in 50,000
accuracy_always_normal = 0.992

# 예 / example: cheapest = {"shop": "C", "card": "A", "transfer": "A"}
cheapest = {"shop": "A", "card": "B", "transfer": "C"}


def total_cost(y, alarms, cost_missed, cost_false_alarm):
    """놓친 사기와 헛경보의 비용의 합 / sum of the costs of missed frauds and false alarms."""
    missed = np.sum((y == 1) & (alarms == 0))
    false_alarms = np.sum((y == 0) & (alarms == 1))
    return float((missed * cost_missed + false_alarms * cost_false_alarm) / len(y))
