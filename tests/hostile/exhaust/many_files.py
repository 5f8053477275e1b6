# A hundred thousand empty files and folders, and one folder a thousand deep.
# %% q1
import os
try:
    for number in range(100_000):
        os.mkdir(f"d{number}") if number % 2 else open(f"f{number}", "w").close()
except OSError as error:
    print("met: files after", number, error.strerror)
try:
    for number in range(1000):
        os.mkdir("deep")
        os.chdir("deep")
except OSError as error:
    print("met: folders after", number, error.strerror)
# %% q1
def double(x):
    return x
