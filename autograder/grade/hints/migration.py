"""Rules for code written for Keras 2, TensorFlow 1 and old NumPy, pandas and scikit-learn.

Each names the replacement. Left out: what still works in the installed versions.
"""

from __future__ import annotations

from autograder.grade.hints.rule import Rule

KERAS_2 = "`{old}` belongs to Keras 2 and no longer exists in Keras 3."
TENSORFLOW_1 = "`{old}` belongs to TensorFlow 1 and no longer exists in TensorFlow 2."
OLD = "`{old}` no longer exists in the installed version."
USE = "Use `{new}` instead."

ATTRIBUTES = {
    "output_shape": "layer.output.shape",
    "input_shape": "layer.input.shape",
    "np_utils": "keras.utils.to_categorical",
    "predict_classes": "model.predict(x).argmax(axis=-1)",
    "predict_proba": "model.predict(x)",
    "fit_generator": "model.fit",
    "evaluate_generator": "model.evaluate",
    "predict_generator": "model.predict",
    "ImageDataGenerator": "keras.layers.RandomFlip, keras.layers.RandomRotation",
    "Tokenizer": "keras.layers.TextVectorization",
    "TimeseriesGenerator": "keras.utils.timeseries_dataset_from_array",
    "CuDNNLSTM": "keras.layers.LSTM",
    "CuDNNGRU": "keras.layers.GRU",
}
MODULES = {
    "keras.utils.np_utils": "keras.utils.to_categorical",
    "keras.utils.vis_utils": "keras.utils.plot_model",
    "keras.wrappers.scikit_learn": "keras.wrappers.SKLearnClassifier",
    "keras.engine": "keras.layers.Layer",
    "keras.preprocessing.text": "keras.layers.TextVectorization",
    "keras.layers.core": "from keras.layers import Dense",
    "keras.layers.convolutional": "from keras.layers import Conv2D",
    "keras.layers.recurrent": "from keras.layers import LSTM",
    "keras.layers.normalization": "from keras.layers import BatchNormalization",
    "keras.layers.embeddings": "from keras.layers import Embedding",
    "keras.layers.merge": "from keras.layers import concatenate",
    "keras.layers.experimental": "from keras.layers import Rescaling",
}
ARGUMENTS = {
    "lr": "learning_rate",
    "nb_epoch": "epochs",
    "epoch": "epochs",
    "samples_per_epoch": "steps_per_epoch",
    "nb_filter": "filters",
    "border_mode": "padding",
    "subsample": "strides",
    "output_dim": "units",
    "init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
}
TENSORFLOW = {
    "placeholder": "keras.Input",
    "get_variable": "tf.Variable",
    "global_variables_initializer": "tf.Variable",
    "set_random_seed": "keras.utils.set_random_seed",
    "random_normal": "tf.random.normal",
    "random_uniform": "tf.random.uniform",
    "truncated_normal": "tf.random.truncated_normal",
    "layers": "keras.layers",
    "log": "tf.math.log",
    "mul": "tf.multiply",
    "sub": "tf.subtract",
    "to_float": "tf.cast(x, tf.float32)",
    "train": "keras.optimizers",
    "losses": "keras.losses",
    "contrib": "keras.layers, keras.optimizers",
    "examples": "keras.datasets",
    "reset_default_graph": "keras.utils.clear_session",
}


def _attribute(old: str, new: str) -> Rule:
    return Rule(
        KERAS_2,
        USE,
        names=("AttributeError", "ImportError"),
        text=rf"has no attribute '{old}'|cannot import name '{old}'",
        places={"old": old, "new": new},
    )


def _module(old: str, new: str) -> Rule:
    last = old.rpartition(".")[2]
    return Rule(
        KERAS_2,
        USE,
        names=("ModuleNotFoundError", "AttributeError"),
        text=(
            rf"No module named '[\w.]*keras[\w.]*\.{last}\b"
            rf"|module '[\w.]*keras[\w.]*' has no attribute '{last}'"
        ),
        places={"old": old, "new": new},
    )


def _argument(old: str, new: str) -> Rule:
    return Rule(
        "Keras 3 has no argument `{old}`.",
        USE,
        names=("ValueError", "TypeError"),
        text=(
            rf"(?:not recognized: |Unrecognized keyword arguments.*)\{{.*'{old}':"
            rf"|unexpected keyword argument '{old}'"
        ),
        places={"old": f"{old}=", "new": f"{new}="},
    )


def _tensorflow(old: str, new: str) -> Rule:
    return Rule(
        TENSORFLOW_1,
        USE,
        names=("AttributeError", "ModuleNotFoundError", "ImportError"),
        text=rf"module 'tensorflow' has no attribute '{old}'|No module named 'tensorflow\.{old}\b",
        places={"old": f"tf.{old}", "new": new},
    )


RULES = (
    *(_module(old, new) for old, new in MODULES.items()),
    *(_tensorflow(old, new) for old, new in TENSORFLOW.items()),
    *(_attribute(old, new) for old, new in ATTRIBUTES.items()),
    *(_argument(old, new) for old, new in ARGUMENTS.items()),
    Rule(
        TENSORFLOW_1,
        "Call the function directly: TensorFlow 2 computes at once and needs no session.",
        names=("AttributeError",),
        text=r"module 'tensorflow' has no attribute '(?P<old>(?:Interactive)?Session)'",
    ),
    Rule(
        TENSORFLOW_1,
        "Look up its name in TensorFlow 2, or use the layer of `keras.layers` that does the same.",
        names=("AttributeError",),
        text=r"module 'tensorflow' has no attribute '(?P<old>\w+)'",
    ),
    Rule(
        KERAS_2,
        USE,
        names=("AttributeError",),
        text=r"module 'keras\.backend' has no attribute '(?P<old>[gs]et_session)'",
        places={"new": "keras.utils.clear_session"},
    ),
    Rule(
        KERAS_2,
        "Use the function of the same name in `keras.ops`.",
        names=("AttributeError",),
        text=r"module 'keras\.backend' has no attribute '(?P<old>\w+)'",
    ),
    Rule(
        "Keras 3 saves weights only to a file whose name ends in `.weights.h5`.",
        USE,
        text=r"filename must end in `\.weights\.h5`",
        places={"new": "model.save_weights('model.weights.h5')"},
    ),
    Rule(
        "Keras 3 saves a model only to a file whose name ends in `.keras`.",
        USE,
        text=r"Invalid filepath extension for saving",
        places={"new": "model.save('model.keras')"},
    ),
    Rule(
        "A TensorFlow function was given a Keras tensor, which only Keras 3 layers understand.",
        "Use the function of `keras.ops` or a layer of `keras.layers` that does the same.",
        text=r"KerasTensor cannot be used as input to a TensorFlow function",
    ),
    Rule(
        "A Keras tensor has no values yet, so NumPy and `if` cannot use it.",
        "Use `keras.ops` inside a model, and NumPy only on data and on predictions.",
        text=r"KerasTensor is symbolic|symbolic KerasTensor",
    ),
    *(
        Rule(OLD, USE, names=("AttributeError",), text=text, places={"old": old, "new": new})
        for text, old, new in (
            (r"module 'numpy' has no attribute 'float'", "np.float", "float"),
            (r"module 'numpy' has no attribute 'int'", "np.int", "int"),
            (r"module 'numpy' has no attribute 'bool8?'", "np.bool", "bool"),
            (r"module 'numpy' has no attribute 'object'", "np.object", "object"),
            (r"'DataFrame' object has no attribute 'append'", "df.append", "pd.concat"),
            (r"'DataFrame' object has no attribute 'ix'", "df.ix", "df.loc"),
        )
    ),
    Rule(
        OLD,
        USE,
        names=("ModuleNotFoundError",),
        text=r"'sklearn\.cross_validation'",
        places={"old": "sklearn.cross_validation", "new": "sklearn.model_selection"},
    ),
    Rule(
        "`print` is a function in Python 3.",
        "Put what you print in parentheses.",
        names=("SyntaxError",),
        text=r"Missing parentheses in call to 'print'",
    ),
)
