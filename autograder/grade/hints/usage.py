"""Rules for everyday mistakes with Keras and Python; the most general ones stand last."""

from __future__ import annotations

from autograder.grade.hints.rule import Rule

IMPORTS = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "tf": "import tensorflow as tf",
    "keras": "import keras",
    "layers": "from keras import layers",
    "Sequential": "from keras import Sequential",
    "Dense": "from keras.layers import Dense",
    "Conv2D": "from keras.layers import Conv2D",
    "MaxPooling2D": "from keras.layers import MaxPooling2D",
    "Flatten": "from keras.layers import Flatten",
    "to_categorical": "from keras.utils import to_categorical",
}
HISTORY_NEXT = "Print `history.history.keys()`: the names are those given to `metrics=`."
KEY = "`history` has no entry `{key}`."

RULES = (
    Rule(
        KEY,
        "Pass `validation_data=` or `validation_split=` to `fit`; the entry is called "
        "`val_accuracy` with `metrics=['accuracy']` and `val_acc` with `metrics=['acc']`.",
        names=("KeyError",),
        text=r"^'(?P<key>val_\w+)'$",
    ),
    Rule(KEY, HISTORY_NEXT, names=("KeyError",), text=r"^'(?P<key>acc|accuracy|mae|mse|loss)'$"),
    Rule(
        "There is no entry `{key}`.",
        "Print the keys or columns that there are, and check the spelling.",
        names=("KeyError",),
        text=r"^(?P<key>.+)$",
    ),
    Rule(
        "The model is used for training before it was compiled.",
        "Call `model.compile(optimizer=…, loss=…, metrics=[…])` at the end of `build_model`.",
        text=r"must call `compile\(\)` before",
    ),
    Rule(
        "The model has no input shape yet, so it has no weights.",
        "Begin the model with `keras.Input(shape=…)`.",
        text=r"isn't built|has never been called|has not yet been built|because it has no layers",
    ),
    Rule(
        "Keras does not know `{name}`.",
        "Check the spelling of losses, optimizers, metrics and activations.",
        text=r"Could not interpret [\w ]+ identifier: (?P<name>\S+)",
    ),
    Rule(
        "`{layer}` does not know the argument {argument}.",
        "Check the spelling of the argument, or leave it out.",
        text=r"Unrecognized keyword arguments passed to (?P<layer>\w+): \{(?P<argument>[^:]*)",
    ),
    Rule(
        "`{layer}` does not know the argument {argument}.",
        "Check the spelling of the argument, or leave it out.",
        names=("TypeError",),
        text=r"(?P<layer>[\w.]+)\(\) got an unexpected keyword argument (?P<argument>'\w+')",
    ),
    Rule(
        "`{function}` was called without {argument}.",
        "Pass the missing argument, or give it a default value.",
        names=("TypeError",),
        text=r"(?P<function>[\w.]+)\(\) missing \d+ required \S+ arguments?: (?P<argument>.*)",
    ),
    Rule(
        "`{function}` takes other arguments than it was given.",
        "Keep the parameters of the function as the assignment states them.",
        names=("TypeError",),
        text=r"(?P<function>[\w.]+)\(\) takes .* positional arguments? but",
    ),
    Rule(
        "Text is used where numbers are needed.",
        "Turn text columns and labels into numbers first, and leave out columns that hold text.",
        text=r"could not convert string to float|Invalid dtype: str|Invalid dtype: object",
    ),
    Rule(
        "A value is None where something else is needed.",
        "A function without `return` gives None, and so does an answer that is not filled in.",
        text=r"NoneType",
    ),
    *(
        Rule(
            "`{missing}` is used before it is imported.",
            "Write `{line}` in a cell above.",
            names=("NameError",),
            text=rf"^name '(?P<missing>{name})' is not defined",
            places={"line": line},
        )
        for name, line in IMPORTS.items()
    ),
    Rule(
        "The name `{missing}` is not defined.",
        "Check the spelling, and define it in a cell above; then restart the kernel and run all "
        "cells.",
        names=("NameError",),
        text=r"^name '(?P<missing>\w+)' is not defined",
    ),
    Rule(
        "The name `{missing}` is used in a function before it has a value there.",
        "Pass it as a parameter, or give it a value at the beginning of the function.",
        names=("UnboundLocalError",),
        text=r"'(?P<missing>\w+)'",
    ),
    Rule(
        "A function calls itself without end.",
        "Give the function a case in which it returns without calling itself.",
        names=("RecursionError",),
    ),
    Rule(
        "An index lies outside of what there is.",
        "Print the length or shape before this line; counting starts at 0.",
        names=("IndexError",),
    ),
    Rule(
        "A line unpacks another number of values than it gets.",
        "Print what stands on the right of `=`, and give it as many names on the left.",
        names=("ValueError",),
        text=r"values to unpack",
    ),
    Rule(
        "An `assert` in your own code failed.",
        "Compute the values of that line in a cell of their own and look at them.",
        names=("AssertionError",),
    ),
    Rule(
        "`{thing}` has no attribute `{attribute}`.",
        "Check the spelling, and print `type(…)` of the value: it may be something else than you "
        "think.",
        names=("AttributeError",),
        text=r"'(?P<thing>[\w.]+)' (?:object )?has no attribute '(?P<attribute>\w+)'",
    ),
    Rule(
        "The lines are not indented as Python needs it.",
        "Indent the lines below `def`, `for`, `if` and `with` by four spaces.",
        names=("IndentationError", "TabError"),
    ),
    Rule(
        "The cell is not valid Python ({text}), so none of its lines ran.",
        "Look at the line that the message names: parentheses, quotes and colons must be complete.",
        names=("SyntaxError",),
        text=r"^(?P<text>.*?)(?: \([^()]*line \d+\))?$",
    ),
)
