# A module beside the notebook that never finishes loading.
# %% q1
import pathlib
pathlib.Path("helper_of_mine.py").write_text("while True:\n    pass\n")
import helper_of_mine
# %% q1
def double(x):
    return x
