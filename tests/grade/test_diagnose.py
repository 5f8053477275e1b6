import json
import os
import string
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.grade import diagnose
from autograder.grade.diagnose import diagnose_error, diagnose_source, diagnose_training
from autograder.grade.hints import RULES
from autograder.grade.hints.rule import Failure
from autograder.grade.hints.silent import RULES as SILENT_RULES
from autograder.grade.hints.training import RULES as TRAINING_RULES
from autograder.language import load_catalog

HERE = Path(__file__).parent
REAL_ERRORS = json.loads((HERE / "real_errors.json").read_text(encoding="utf-8"))
UNFILLED = "not filled in yet"
WINDOWS = "is a Windows path"
OUTPUT_MISFIT = "do not fit to the model's output"

EXPECTED = {
    # not filled in, or only in the old kernel
    "ph": UNFILLED,
    "ph2": UNFILLED,
    "ph3": UNFILLED,
    "ph_un": UNFILLED,
    "el_add": UNFILLED,
    "el_call": UNFILLED,
    "el_attr": UNFILLED,
    "el_iter": UNFILLED,
    "el_float": UNFILLED,
    "el_np": UNFILLED,
    "el_dense": UNFILLED,
    "el_astype": UNFILLED,
    "ellipsis_left": UNFILLED,
    "none_is_none": UNFILLED,
    "none_marked": UNFILLED,
    "not_implemented": UNFILLED,
    "stale": "`MaxPooling2D` works only in your old kernel",
    # Keras 2 and TensorFlow 1, each with its replacement
    "output_shape": "Use `layer.output.shape`",
    "input_shape": "Use `layer.input.shape`",
    "np_utils": "Use `keras.utils.to_categorical`",
    "np_utils2": "Use `keras.utils.to_categorical`",
    "merge": "Use `from keras.layers import concatenate`",
    "adam_lr": "Use `learning_rate=`",
    "nb_epoch": "Use `epochs=`",
    "predict_classes": "Use `model.predict(x).argmax(axis=-1)`",
    "fit_generator": "Use `model.fit`",
    "session": "`Session` belongs to TensorFlow 1",
    "contrib": "`tf.contrib` belongs to TensorFlow 1",
    "examples": "Use `keras.datasets`",
    "tflayers": "Use `keras.layers`",
    "tflog": "Use `tf.math.log`",
    "tf_unknown": "`get_default_graph` belongs to TensorFlow 1",
    "idg": "Use `keras.layers.RandomFlip",
    "idg2": "Use `keras.layers.RandomFlip",
    "tok2": "Use `keras.layers.TextVectorization`",
    "wrappers": "Use `keras.wrappers.SKLearnClassifier`",
    "engine": "Use `keras.layers.Layer`",
    "vis": "Use `keras.utils.plot_model`",
    "cudnn": "Use `keras.layers.LSTM`",
    "tfk": "Use `from keras.layers import Rescaling`",
    "Kmean": "function of the same name in `keras.ops`",
    "sw": "Use `model.save_weights('model.weights.h5')`",
    "save": "Use `model.save('model.keras')`",
    "d2s": "TensorFlow function was given a Keras tensor",
    "kt_bool": "A Keras tensor has no values yet",
    "npfloat": "Use `float`",
    "toarray": "Use `pd.concat`",
    "sklearn_old": "Use `sklearn.model_selection`",
    "print2": "`print` is a function",
    "mgpu": "`multi_gpu_model` cannot be imported from `keras.utils`",
    # another machine
    "winpath": "A Windows path makes Python read",
    "winpath2": r"`C:\park\data.csv` is a Windows path",
    "winnp": WINDOWS,
    "windows_joined": r"`C:\data\CNN` is a Windows path",
    "windows_slash": "`C:/data/train.npz` is a Windows path",
    "pdcsv": "`/content/drive/MyDrive/x.csv` is a Colab path",
    "content": "is a Colab path",
    "no_keras_file_op": "is a Colab path",
    "colab": "exists only in Colab",
    "module": "pip package `mlxtend_missing`",
    "no_submodule": "The module `keras.datasets.nope` does not exist",
    "nofile": "The file `trian.npz` does not exist",
    "load": "The file `nothere.keras` does not exist",
    "loadh5": "The file `nothere.h5` does not exist",
    "getfile": "tried to reach the network",
    "datasets": "tried to reach the network",
    "mem": "needs more memory",
    "oom": "needs more memory",
    "exit": "ends the program by itself",
    # labels, losses, shapes
    "cat_int": "For whole-number labels use `sparse_categorical_crossentropy`",
    "bce_int": OUTPUT_MISFIT,
    "sparse_onehot": "Use `categorical_crossentropy` for one-hot labels",
    "cat_width": "as many units as there are classes",
    "sparse_range": "A label is 2, but the last layer has places only for [0, 2)",
    "mse_shape": "are 2 and 3",
    "in_shape": "expects 4 values on an axis, but its input has the shape (8, 5)",
    "in_rank_conv": "`conv2d` gets 3 axes and needs at least 4",
    "dense_flat": "A convolution comes before `Flatten`",
    "lstmrank": "`lstm` gets 2 axes and needs 3",
    "input_shape_layer": "does not have the shape that the model expects",
    "neg": "has become too small",
    "negpool": "Use `padding='same'`",
    "card": "do not have the same number of examples",
    "emb": "An index or token is 7",
    "embfit": "An index or token is 9",
    "concat": "Layers with different sizes",
    "broadcast": "shapes (3,2) (2,3)",
    "matmul": "are 3 and 2",
    "reshape": "10 values does not fit into the shape (3,3)",
    # everyday mistakes
    "acc": "`history` has no entry `acc`",
    "valacc": "validation_data=",
    "key": "There is no entry `'b'`",
    "notcompiled": "before it was compiled",
    "el_fit": "before it was compiled",
    "notbuilt": "has no input shape yet",
    "seq_getlayer": "has no input shape yet",
    "loss_fit": "does not know `categorical_crossentrophy`",
    "kwarg": "`Dense` does not know the argument 'input_shap'",
    "lambda_ld": "`LeakyReLU` does not know the argument 'alph'",
    "model_io": "`Model` does not know the argument 'input'",
    "dense_outdim": "was called without 'units'",
    "argmissing": "`train` takes other arguments",
    "argmissing2": "`train` was called without 'd'",
    "strdt": "Text is used where numbers are needed",
    "none_none": "A value is None",
    "name": "The name `undefined_thing` is not defined",
    "missing_np": "Write `import numpy as np`",
    "unbound": "`z` is used in a function before it has a value",
    "recursion": "calls itself without end",
    "index": "An index lies outside",
    "unpack": "unpacks another number of values",
    "assertion": "An `assert` in your own code failed",
    "attr_str": "`str` has no attribute `foo`",
    "indent": "not indented",
    "paren": "not valid Python (incomplete input)",
    "quote": "not valid Python (unterminated string literal",
    # nothing is known about it
    "zerodiv": "ZeroDivisionError: division by zero",
}


def explain(error, language="en", **more):
    found = diagnose_error(
        language,
        name=error["name"],
        text=error["text"],
        traceback="",
        source=error.get("source", ""),
        cell=3,
        **more,
    )
    return f"{found.message}\n{found.next_step}"


@pytest.mark.parametrize("case", EXPECTED)
def test_real_error_is_told_with_its_cause(case):
    told = explain(REAL_ERRORS[case])
    assert told.startswith("Code cell 3: ")
    assert EXPECTED[case] in told


@pytest.mark.slow
@pytest.mark.training
def test_installed_keras_still_raises_what_the_rules_look_for(tmp_path):
    command = [sys.executable, str(HERE / "collect_errors.py")]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        check=True,
    )
    fresh = json.loads(done.stdout)
    assert {
        case: explain(fresh[case])
        for case in EXPECTED
        if EXPECTED[case] not in explain(fresh[case])
    } == {}
    assert set(fresh) == set(REAL_ERRORS)


BY_HAND = {
    "input": (
        "StdinNotImplementedError",
        "raw_input was called, but this frontend does not support input requests.",
    ),
    "upload": (
        "_ColabError",
        "files.upload() works only in Colab; read files by a path relative to the notebook",
    ),
    "flood": ("TooMuchOutput", "a message that is too large"),
    "window": (
        "ImportError",
        "Cannot load backend 'TkAgg' which requires the 'tk' interactive framework",
    ),
}


def test_every_rule_has_an_example():
    examples = [Failure(e["name"], e["text"], e["source"]) for e in REAL_ERRORS.values()]
    examples += [Failure(name, text) for name, text in BY_HAND.values()]
    examples += [Failure("NameError", "name 'z' is not defined", later="z = 1")]
    no_gpu = "gpus = tf.config.list_physical_devices('GPU')\ngpus[0]"
    examples += [Failure("IndexError", "list index out of range", no_gpu)]
    told = set()
    for failure in examples:
        rule = next((rule for rule in RULES if rule.match(failure) is not None), None)
        told.add((rule.message, rule.next_step) if rule else None)
    assert {(rule.message, rule.next_step) for rule in RULES} - told == set()


def test_keyboard_input_is_told():
    name, text = BY_HAND["input"]
    assert "Write the value into the code" in explain({"name": name, "text": text})


def test_colab_call_is_named():
    name, text = BY_HAND["upload"]
    assert "files.upload()" in explain({"name": name, "text": text})


@pytest.mark.parametrize(
    "later",
    [
        "helper = 3",
        "def helper(x):\n    return x",
        "from tools import other, helper",
        "import helper",
        "x = 1\nclass helper: pass",
        "helper: int = 3",
        "for helper in range(3): pass",
    ],
)
def test_name_defined_only_in_a_later_cell_needs_the_old_kernel(later):
    error = {"name": "NameError", "text": "name 'helper' is not defined"}
    assert "works only in your old kernel" in explain(error, later_cells=["a = 1", later])


@pytest.mark.parametrize("later", ["helper == 3", "print(helper)", "helpers = 3", "x.helper = 3"])
def test_name_that_no_later_cell_defines_is_a_plain_mistake(later):
    error = {"name": "NameError", "text": "name 'helper' is not defined"}
    assert "works only" not in explain(error, later_cells=[later])


def test_failure_in_a_call_has_no_cell_and_reads_the_traceback():
    found = diagnose_error(
        "en",
        name="ValueError",
        text="You must call `compile()` before using the model.",
        traceback="\x1b[0;32m----> 2\x1b[0m     model = ...\n      3 model.fit()",
        source="",
        cell=None,
    )
    assert found.message.startswith("When your code was called: ")
    assert UNFILLED in found.message


def test_korean_students_read_korean():
    told = explain(REAL_ERRORS["adam_lr"], "ko")
    assert told.startswith("코드 셀 3: ")
    assert "`learning_rate=`" in told


def test_unknown_long_error_is_told_by_its_telling_line():
    call = (
        "Exception encountered when calling Foo.call().\n\n\x1b[1mthe cause\x1b[0m\n\nArguments …"
    )
    graph = 'Graph execution error:\n\nDetected at node x\n  File "a.py", line 1\nthe cause'
    for text in (call, graph, "the cause\nmore"):
        told = explain({"name": "OddError", "text": text})
        assert told.startswith("Code cell 3: OddError: the cause\n")


def test_hostile_text_stays_short_and_is_read_quickly():
    texts = [
        "(" * 300_000,
        "name '" + "_" * 300_000,
        "'a':{" * 60_000,
        "C:\\" * 100_000,
        "\x1b[" * 99_999,
    ]
    begin = time.perf_counter()
    for text in texts:
        for name in ("ValueError", "TypeError", "NameError", "SyntaxError", "OSError"):
            told = explain({"name": name, "text": text, "source": text[:20_000]})
            assert len(told) < 2_000
            assert "\x1b" not in told
    assert time.perf_counter() - begin < 20


@pytest.mark.parametrize(
    ("source", "stderr", "told"),
    [
        (
            "%tensorflow_version 1.x\nx = 1",
            "UsageError: Line magic function `%tensorflow_version` not found.",
            "`%tensorflow_version` is not known",
        ),
        (
            "%%bigquery\nselect",
            "UsageError: Cell magic `%%bigquery` not found.",
            "`%%bigquery` is not known",
        ),
        ("x = ...", "", UNFILLED),
        ("def f():\n    ...", "", UNFILLED),
        ("model = None  # 여기에 작성하세요", "", UNFILLED),
        ("!wget http://example.org/a.zip", "", "`wget` did nothing"),
        ("  !pip install mlxtend", "", "`pip install` did nothing"),
        ("!git clone https://example.org/x", "", "`git clone` did nothing"),
    ],
)
def test_cell_that_failed_silently_is_told(source, stderr, told):
    assert told in diagnose_source("en", source, stderr, 2).message


@pytest.mark.parametrize(
    ("source", "stderr"),
    [
        ("x[..., None]", "I0000 oneDNN custom operations are on"),
        ("y = None", "WARNING: All log messages before absl::InitializeLog()"),
        ("# YOUR CODE HERE\nx = 3", ""),
        ("print(1, ...)", ""),
    ],
)
def test_cell_with_nothing_wrong_has_no_diagnosis(source, stderr):
    assert diagnose_source("en", source, stderr, 2) is None


FINE = {
    "history": {"loss": [2.3, 0.4], "accuracy": [0.1, 0.9]},
    "loss": "sparse_categorical_crossentropy",
    "last_activation": "softmax",
    "output_units": 10,
    "classes": 10,
    "from_logits": False,
}


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"history": {"loss": [2.3, float("nan")]}}, "became NaN"),
        ({"history": {"loss": [float("inf")]}}, "became NaN"),
        ({"history": {"loss": [None]}}, "became NaN"),
        ({"history": {"loss": []}}, "became NaN"),
        ({"output_units": 128}, "has 128 units, but there are 10 classes"),
        ({"output_units": 1}, "always gives 1"),
        (
            {"loss": "binary_crossentropy", "last_activation": "sigmoid"},
            "judges each of the 10 classes",
        ),
        ({"loss": "BinaryCrossentropy"}, "judges each of the 10 classes"),
        ({"last_activation": "linear"}, "has no softmax"),
        ({"last_activation": None, "loss": "CategoricalCrossentropy"}, "has no softmax"),
        ({"from_logits": True}, "applied twice"),
        ({"last_activation": "sigmoid"}, "activation `sigmoid`"),
        ({"last_activation": "relu"}, "activation `relu`"),
    ],
)
def test_training_that_cannot_learn_is_told(facts, told):
    assert told in diagnose_training("en", **{**FINE, **facts}).message


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"last_activation": "linear", "from_logits": True},
        {"last_activation": "linear", "from_logits": None},
        {
            "classes": 2,
            "output_units": 1,
            "last_activation": "sigmoid",
            "loss": "binary_crossentropy",
        },
        {"classes": 2, "output_units": 2},
        {"classes": None, "output_units": 1, "last_activation": "linear", "loss": "mse"},
        {
            "history": {},
            "loss": None,
            "last_activation": None,
            "output_units": None,
            "classes": None,
            "from_logits": None,
        },
    ],
)
def test_sound_training_has_no_diagnosis(facts):
    assert diagnose_training("en", **{**FINE, **facts}) is None


def texts():
    for rule in (*RULES, *SILENT_RULES, *TRAINING_RULES):
        yield rule.message
        yield rule.next_step
    for constant in diagnose._word_unknown.__code__.co_consts:
        if isinstance(constant, str) and constant.endswith("."):
            yield constant
    yield "Code cell {cell}: {what}"
    yield "When your code was called: {what}"


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_is_translated_with_the_same_places():
    catalog = load_catalog("ko")
    wanted = set(texts())
    assert {text for text in wanted if text not in catalog} == set()
    assert {text for text in wanted if places(text) != places(catalog[text])} == set()
