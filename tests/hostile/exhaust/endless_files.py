# A file of the folder is sparse and terabytes long, and another is read without end.
# %% q1
import os
with open("sparse", "wb") as file:
    try:
        file.truncate(2**42)
        print("sparse file made")
    except OSError as error:
        print("met:", error)
def double(x):
    with open("/dev/zero", "rb") as zeros:
        while True:
            zeros.read(2**24)
