# Ten thousand threads that each compute.
# %% q1
import threading, time
end = time.time() + 60
def work():
    while time.time() < end:
        sum(range(1000))
try:
    for _ in range(10_000):
        threading.Thread(target=work, daemon=True).start()
except RuntimeError as error:
    print("met: thread:", error)
def double(x):
    return x
