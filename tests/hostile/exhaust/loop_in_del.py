# An object that cannot be taken apart: its `__del__` never ends.
# %% q1
class Undying:
    def __del__(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
def double(x):
    thing = Undying()
    return x
