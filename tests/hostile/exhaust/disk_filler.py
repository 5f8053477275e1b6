# Four gigabytes of files, wherever one may write; they are deleted afterwards.
# %% q1
import glob, os, tempfile
block = os.urandom(10**6) * 16
for folder in (".", os.path.expanduser("~"), "/tmp", "/var/tmp", "/dev/shm", tempfile.gettempdir()):
    names, written = [], 0
    try:
        for number in range(250):
            names.append(os.path.join(folder, f"{targets['mark']}-{number}"))
            with open(names[-1], "wb") as file:
                written += file.write(block)
        print(f"{folder}: {written // 10**6} MB")
        if written > 3 * 10**9:
            print("reached: gigabytes of disk in", folder)
    except OSError as error:
        print(f"met: {folder} after {written // 10**6} MB: {error.strerror}")
    for name in names:
        if os.path.exists(name):
            os.unlink(name)
def double(x):
    return x
