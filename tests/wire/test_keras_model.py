"""Models cross as real models, and a description that is not one builds nothing."""

import json
import os
import time
import warnings

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import psutil
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # importing TensorFlow warns of its own deprecations
    import keras

from autograder.errors import WireError
from autograder.wire import keras_model
from autograder.wire.keras_model import (
    NotRebuildableError,
    check_config,
    describe_model,
    rebuild_model,
)

layers = keras.layers


def describe(model):
    return json.loads(json.dumps(describe_model(model), allow_nan=False))


def cross(model):
    return rebuild_model(describe(model), [np.asarray(weight) for weight in model.get_weights()])


def make_dense():
    return keras.Sequential(
        [keras.Input((3,)), layers.Dense(4, "relu"), layers.Dense(2, "softmax")]
    )


def make_functional():
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    shared = layers.Dense(5, activation="tanh", kernel_regularizer="l2")
    joined = layers.Concatenate()([shared(left), shared(right)])
    scaled = joined * 2.0 + 1.0
    return keras.Model([left, right], [layers.Dense(1)(scaled), layers.Dense(2)(joined)])


def make_recurrent():
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(20, 4, mask_zero=True),
            layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
            layers.GRU(2),
            layers.Dense(1, "sigmoid"),
        ]
    )


def make_convolutional():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.RandomFlip(),
            layers.Rescaling(1 / 255),
            layers.Conv2D(2, 3, padding="same"),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.MaxPooling2D(),
            layers.Dropout(0.5),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, keras.activations.softmax),
        ]
    )


def make_nested():
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(4)], name="inner")
    inputs = keras.Input((3,))
    return keras.Model(inputs, layers.Dense(1)(inner(inputs)))


def make_mixed():
    policy = keras.DTypePolicy("mixed_float16")
    return keras.Sequential([keras.Input((3,)), layers.Dense(4, dtype=policy), layers.Dense(1)])


def make_normalized():
    model = keras.Sequential([keras.Input((3,)), layers.Normalization(), layers.Dense(1)])
    model.layers[0].adapt(np.array([[1.0, 20.0, 300.0], [3.0, 40.0, 900.0]]))
    return model


def make_attentive():
    inputs = keras.Input((5, 4))
    mixed = layers.MultiHeadAttention(2, 3)(inputs, inputs)
    return keras.Model(inputs, layers.LayerNormalization()(layers.Add()([inputs, mixed])))


def example(model):
    random = np.random.default_rng(1)
    if len(model.inputs) > 1:
        return [random.normal(size=(2, *item.shape[1:])) for item in model.inputs]
    if isinstance(model.layers[0], layers.Embedding):
        return np.array([[3, 4, 0], [5, 6, 7]])
    return random.normal(size=(2, *model.input_shape[1:])).astype("float32")


def predict(model, inputs):
    outputs = model(inputs, training=False)
    return [
        np.asarray(item) for item in (outputs if isinstance(outputs, list | tuple) else [outputs])
    ]


@pytest.mark.parametrize(
    "make",
    [
        make_dense,
        make_functional,
        make_recurrent,
        make_convolutional,
        make_nested,
        make_mixed,
        make_normalized,
        make_attentive,
    ],
)
def test_a_rebuilt_model_predicts_the_same(make):
    keras.utils.set_random_seed(3)
    model = make()
    model.set_weights([weight + 0.1 for weight in model.get_weights()])
    if make is make_normalized:
        model.layers[0].finalize_state()
    rebuilt = cross(model)
    assert rebuilt is not model
    assert rebuilt.count_params() == model.count_params()
    assert [type(layer) for layer in rebuilt.layers] == [type(layer) for layer in model.layers]
    inputs = example(model)
    for given, made in zip(predict(rebuilt, inputs), predict(model, inputs), strict=True):
        np.testing.assert_allclose(given, made, rtol=1e-5)


def test_a_model_built_by_its_first_call_is_rebuilt():
    model = keras.Sequential([layers.Dense(4), layers.Dense(1)])
    model(np.zeros((2, 3)))
    inputs = np.ones((1, 3))
    np.testing.assert_allclose(predict(cross(model), inputs)[0], predict(model, inputs)[0])


def test_an_unbuilt_model_arrives_unbuilt():
    rebuilt = cross(keras.Sequential([layers.Dense(4), layers.Dense(1)]))
    assert not rebuilt.built
    assert [layer.units for layer in rebuilt.layers] == [4, 1]


def test_what_was_compiled_arrives_compiled():
    model = make_dense()
    model.compile(
        keras.optimizers.Adam(0.02), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    rebuilt = cross(model)
    assert rebuilt.loss == "sparse_categorical_crossentropy"
    assert float(rebuilt.optimizer.learning_rate) == pytest.approx(0.02)
    assert set(rebuilt.evaluate(np.ones((4, 3)), np.zeros(4), verbose=0, return_dict=True)) == {
        "loss",
        "accuracy",
    }


def test_a_sequence_is_put_together_once_however_many_layers_it_has(monkeypatch):
    inner = keras.Sequential([keras.Input((4,)), *(layers.Dense(4) for _ in range(8))])
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4), inner, layers.Dense(2)])
    description, weights = describe(model), model.get_weights()
    build, times = keras.Sequential.build, []
    monkeypatch.setattr(keras.Sequential, "build", lambda *args: (times.append(1), build(*args))[1])
    rebuilt = rebuild_model(description, weights)
    assert len(times) <= 4  # each of the two, and where Keras gives it the shape that was kept
    inputs = np.ones((2, 3), "float32")
    np.testing.assert_allclose(predict(rebuilt, inputs)[0], predict(model, inputs)[0], rtol=1e-6)


def test_what_arrives_can_be_trained_on():
    model = make_dense()
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy")
    rebuilt = cross(model)
    assert not rebuilt.optimizer.built
    before = rebuilt.get_weights()
    rebuilt.fit(np.ones((8, 3)), np.zeros(8), verbose=0)
    assert int(rebuilt.optimizer.iterations) == 1
    assert any((old != new).any() for old, new in zip(before, rebuilt.get_weights(), strict=True))


def test_a_custom_loss_does_not_stop_the_rebuild():
    def my_loss(truth, prediction):
        return keras.ops.mean(truth - prediction)

    model = make_dense()
    model.compile("adam", loss=my_loss)
    rebuilt = cross(model)
    assert rebuilt.count_params() == model.count_params()
    assert not rebuilt.compiled


# Models that only the kernel can run


@keras.saving.register_keras_serializable("students")
class Doubled(layers.Layer):
    def call(self, inputs):
        return inputs * 2


class Unregistered(layers.Layer):
    def call(self, inputs):
        return inputs * 2


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1)

    def call(self, inputs):
        return self.dense(inputs)


class Odd(layers.Layer):
    def get_config(self):
        raise RuntimeError("no configuration today")

    def call(self, inputs):
        return inputs


@keras.saving.register_keras_serializable("students")
def my_activation(inputs):
    return inputs


def with_layer(layer):
    return keras.Sequential([keras.Input((3,)), layer])


@pytest.mark.parametrize(
    "make",
    [
        lambda: with_layer(layers.Lambda(lambda inputs: inputs * 2)),
        lambda: with_layer(Doubled()),
        lambda: with_layer(Unregistered()),
        lambda: with_layer(Odd()),
        lambda: with_layer(layers.Dense(1, activation=my_activation)),
        lambda: with_layer(layers.Dense(1, activation=lambda inputs: inputs)),
        lambda: with_layer(layers.Rescaling(float("inf"))),
        Subclassed,
    ],
    ids=[
        "lambda",
        "registered",
        "unregistered",
        "odd",
        "function",
        "closure",
        "infinity",
        "subclass",
    ],
)
def test_what_is_not_built_in_is_left_to_the_kernel(make):
    with pytest.raises(NotRebuildableError):
        cross(make())


# Forged descriptions


def forge(config, weights=(), shape=None):
    return rebuild_model({"config": config, "input_shape": shape}, list(weights))


def item(name, config=None, module="keras.layers", registered=None):
    return {
        "class_name": name,
        "config": config or {},
        "module": module,
        "registered_name": registered,
    }


def sequential(*parts):
    inputs = item("InputLayer", {"batch_shape": [None, 3], "dtype": "float32", "name": "in"})
    return item("Sequential", {"name": "s", "layers": [inputs, *parts]}, "keras")


def dense(**options):
    return item("Dense", {"name": "d", "units": 2, **options})


def function(name, module="builtins"):
    return item("function", name, module, name)


def test_the_forgeries_below_start_from_a_model_that_is_rebuilt():
    assert forge(sequential(dense(activation=function("relu")))).count_params() == 8


@pytest.mark.parametrize(
    "name", ["eval", "open", "exec", "__import__", "print", "breakpoint", "a.b", "", 5]
)
def test_a_builtin_function_is_no_activation(name):
    with pytest.raises(NotRebuildableError):
        forge(sequential(dense(activation=function(name))))


@pytest.mark.parametrize(
    "part",
    [
        item("system", "true", "os", "system"),
        item("system", {"command": "true"}, "os"),
        item("TFSMLayer", {"filepath": "/tmp/x"}),
        item("Lambda", {"function": "x"}),
        item("TorchModuleWrapper"),
        item("StringLookup", {"vocabulary": "/etc/passwd"}),
        item("TextVectorization"),
        item("Popen", {"args": ["true"]}, "subprocess"),
        item("Dense", {"units": 1}, "students"),
        item("Dense", {"units": 1}, None),
        item("Dense", {"units": 1}, ["keras.layers"]),
        item("Dense", {"units": 1}, "keras.layers", "students>Doubled"),
        item(["Dense"]),
        item(None),
        item("__lambda__", {"value": "x"}),
        item("__typespec__", {}),
        item("__tensor__", {"value": [0], "dtype": "float32"}),
        item("__numpy__", {"value": ["a"], "dtype": "S1000000000"}),
        item("__numpy__", ["a"]),
        item("function", "system", "os"),
        item("function", "load_model", "keras.saving"),
        item("load_model", {"filepath": "x"}, "keras.saving"),
        item("Model", {}, "keras"),
    ],
    ids=lambda part: f"{part['module']}-{part['class_name']}",
)
def test_a_class_outside_the_list_is_refused_wherever_it_stands(part):
    for config in (part, sequential(part), sequential(dense(kernel_initializer=part))):
        with pytest.raises(NotRebuildableError):
            forge(config)


def test_a_class_hidden_in_a_compile_config_of_a_part_is_refused():
    part = {**dense(), "compile_config": {"loss": item("system", {}, "os")}}
    with pytest.raises(NotRebuildableError):
        forge(sequential(part))


def test_a_forged_compile_config_is_left_out():
    config = {**sequential(dense()), "compile_config": {"loss": item("system", {}, "os")}}
    assert not forge(config).compiled


def refuse(work):
    """Error that `work` is refused with; it may take neither time nor memory."""
    process = psutil.Process()
    start, before = time.monotonic(), process.memory_info().rss
    with pytest.raises(WireError) as caught:
        work()
    assert time.monotonic() - start < 5
    assert process.memory_info().rss - before < 200 * 2**20
    return str(caught.value)


@pytest.mark.parametrize(
    "part",
    [
        dense(units=10**12),
        dense(units=10**8),
        item("Embedding", {"input_dim": 10**12, "output_dim": 8}),
        item("MultiHeadAttention", {"num_heads": 10**9, "key_dim": 10**9})
        | {
            "build_config": {
                "shapes_dict": {"query_shape": [None, 3, 3], "value_shape": [None, 3, 3]}
            }
        },
        dense(units=10**5) | {"build_config": {"input_shape": [None, 10**9]}},
        item("Sequential", {"name": "i", "layers": [dense(units=10**9)]}, "keras"),
    ],
    ids=lambda part: part["class_name"],
)
def test_a_layer_of_too_many_weights_is_refused_before_it_makes_them(part):
    assert "parameters" in refuse(lambda: forge(sequential(part), [np.zeros(1)]))


@pytest.mark.parametrize(
    "part",
    [
        item("RepeatVector", {"n": 10**12}),
        item("ZeroPadding1D", {"padding": 10**9}),
        item("Reshape", {"target_shape": [10**9, 1]}),
    ],
    ids=lambda part: part["class_name"],
)
def test_a_layer_of_too_many_values_is_refused(part):
    refuse(lambda: forge(sequential(part)))


def test_a_layer_of_too_many_values_in_a_model_within_it_is_refused():
    inner = sequential(item("RepeatVector", {"n": 10**10}), item("GlobalMaxPooling1D"))
    inner["config"]["name"] = "inner"
    assert "values per example" in refuse(lambda: forge(sequential(inner)))


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (sequential(*[dense()] * 100_000), "too many layers"),
        (
            {"class_name": "Sequential", "module": "keras", "config": [0] * 300_000},
            "too many layers",
        ),
    ],
    ids=["layers", "nodes"],
)
def test_a_config_of_too_many_parts_is_refused_at_once(config, reason):
    assert reason in refuse(lambda: forge(config))


def test_a_config_nested_too_deep_is_refused():
    config = dense()
    for _ in range(100):
        config = item("TimeDistributed", {"layer": config})
    with pytest.raises(WireError, match="too deep"):
        check_config(config)


def test_a_config_that_is_larger_than_its_bound_does_not_leave_the_kernel(monkeypatch):
    monkeypatch.setattr(keras_model, "MAX_CONFIG_BYTES", 100)
    assert describe(make_dense())["config"] is None


@pytest.mark.parametrize(
    "weights",
    [
        [np.zeros((2, 3)), np.zeros(2)],
        [np.zeros((3, 2))],
        [np.zeros((3, 2)), np.zeros(2), np.zeros(1)],
        [np.full((3, 2), "x"), np.zeros(2)],
        [np.zeros((3, 2), "M8[s]"), np.zeros(2)],
    ],
    ids=["transposed", "too few", "too many", "text", "dates"],
)
def test_weights_that_do_not_fit_are_refused(weights):
    with pytest.raises(WireError, match="weights"):
        forge(sequential(dense()), weights)


def test_too_many_parameters_are_refused():
    huge = np.lib.stride_tricks.as_strided(np.zeros(1), shape=(10**9,), strides=(0,))
    with pytest.raises(WireError, match="parameters"):
        forge(sequential(dense()), [huge])


@pytest.mark.parametrize(
    "config",
    [
        None,
        "Sequential",
        [],
        {},
        dense(),
        item("Sequential", {"layers": 5}, "keras"),
        item("Functional", {"name": "f", "layers": [], "input_layers": [["x", 0, 0]]}, "keras"),
        sequential(dense(units=-1)),
        sequential(dense(units="many")),
        sequential(dense(unknown_option=1)),
        item("Adam", {}, "keras.optimizers"),
    ],
    ids=range(11),
)
def test_a_description_that_is_no_model_is_refused(config):
    with pytest.raises(WireError):
        forge(config)


@pytest.mark.parametrize(
    "shape",
    [[None, 10**9], [None, -3], "x", [[None, 3], [None, 3]], [None] * 20, {"a": 1}],
    ids=repr,
)
def test_a_forged_input_shape_is_refused(shape):
    unbuilt = item("Sequential", {"name": "s", "layers": [dense()]}, "keras")
    with pytest.raises(WireError, match="shape"):
        forge(unbuilt, [np.zeros((3, 2)), np.zeros(2)], shape)


def test_keras_is_as_it_was_after_a_refusal():
    original = layers.Layer.add_weight
    with pytest.raises(WireError):
        forge(sequential(dense(units=10**12)))
    assert layers.Layer.add_weight is original


def test_every_listed_layer_is_one_of_keras():
    from autograder.wire.allowed import _LAYERS

    assert sorted(name for name in _LAYERS if not hasattr(layers, name)) == []


def test_layers_that_run_code_or_read_files_are_not_listed():
    from autograder.wire.allowed import _LAYERS

    dangerous = {
        "Lambda",
        "TFSMLayer",
        "TorchModuleWrapper",
        "JaxLayer",
        "FlaxLayer",
        "StringLookup",
    }
    assert dangerous & _LAYERS == set()
