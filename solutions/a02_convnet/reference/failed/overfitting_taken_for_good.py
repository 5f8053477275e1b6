# Looks at the training accuracy alone: the model that knows its images by heart seems best.

# %% q5
# 예 / example: diagnosis = {"A": "good", "B": "overfit", "C": "underfit", "D": "unstable"}
diagnosis = {"A": "underfit", "B": "unstable", "C": "good", "D": "overfit"}


def stop_epoch(val_loss, patience):
    """조기 종료로 멈추는 에포크(1부터) / the epoch, from 1, at which early stopping stops."""
    best, waited = float("inf"), 0
    for epoch, loss in enumerate(val_loss, start=1):
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited == patience:
            return epoch
    return len(val_loss)
