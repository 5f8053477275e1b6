"""Keras models across the wall: architecture as checked JSON, weights as arrays.

The kernel describes a model; the scorer rebuilds it from built-in classes only, so that counting
parameters, predicting and evaluating are done by code that students cannot touch. No file format
is read and nothing is unpickled. Left out: models with custom layers (`NotRebuildableError` names
the first one); the scorer asks the kernel for their predictions instead.

Keras is imported on first use: the kernel must stay able to answer without it.
"""

from __future__ import annotations

import functools
import inspect
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograder.errors import WireError
from autograder.wire.allowed import is_allowed, is_layer

Model = Any  # keras.Model: Keras has no types, and is imported on first use
Layer = Any
Variable = Any
Shape = Any
Json = Any
MAX_CONFIG_BYTES = 2_000_000
MAX_CONFIG_DEPTH = 60
MAX_CONFIG_NODES = 200_000
MAX_LAYERS = 500
MAX_PARAMETERS = 50_000_000
_BATCH_VALUES = 50_000_000  # of the widest layer, per batch
MAX_ACTIVATION = 10_000_000  # values per example: predicting makes 32 times as many at once


class NotRebuildableError(WireError):
    """The model uses something that only the kernel can run; ask it for predictions instead."""


def describe_model(model: Model) -> dict[str, Any]:
    """JSON description of a Keras model, without its weights.

    Returns:
        `config` (Keras' serialised form, or None where Keras cannot serialise it), `input_shape`
        (list or None while unbuilt) and `class_name`.
    """
    import keras  # noqa: PLC0415 - only where a model exists

    try:
        text = json.dumps(keras.saving.serialize_keras_object(model), allow_nan=False)
    except Exception:  # noqa: BLE001 - a custom layer's get_config may raise anything
        text = "null"
    return {
        "config": json.loads(text) if len(text) <= MAX_CONFIG_BYTES else None,
        "input_shape": _input_shape(model),
        "class_name": type(model).__name__,
    }


def _input_shape(model: Model) -> Json:
    try:
        return json.loads(json.dumps(model.input_shape))
    except (AttributeError, ValueError, TypeError):
        return None


def rebuild_model(description: dict[str, Any], weights: list[np.ndarray[Any, Any]]) -> Model:
    """Real Keras model from a stranger's description.

    Args:
        description: as `describe_model` made it, or forged.
        weights: in the order of `model.get_weights()`.

    Raises:
        NotRebuildableError: if it uses a class outside the allow-list.
        WireError: if it is too large, inconsistent, or Keras cannot build it.
    """
    config = description.get("config")
    if not isinstance(config, dict):
        raise NotRebuildableError("the model has no configuration that Keras can read back")
    compile_config = config.get("compile_config")
    plain = {key: value for key, value in config.items() if key != "compile_config"}
    check_config(plain)
    if sum(weight.size for weight in weights) > MAX_PARAMETERS:
        raise WireError(f"a model of over {MAX_PARAMETERS} parameters is not rebuilt")
    with bounded_parameters(filled=bool(weights)), _sequences_built_once():
        model = _build(plain, description.get("input_shape"), built=bool(weights))
    widest = _check_activations(model)
    _set_weights(model, weights)
    _compile(model, compile_config)
    _speed_up(model, widest)
    return model


def check_config(config: object, depth: int = 0) -> None:
    """Refuse a configuration that names a class outside the allow-list, or is too large.

    Raises:
        NotRebuildableError: naming the first class that is not built in.
        WireError: if it is too deep or has too many layers.
    """
    layers = nodes = 0
    stack: list[tuple[object, int]] = [(config, depth)]
    while stack:
        item, level = stack.pop()
        nodes += 1
        if level > MAX_CONFIG_DEPTH or layers > MAX_LAYERS or nodes > MAX_CONFIG_NODES:
            raise WireError("the model's configuration is too deep or has too many layers")
        if isinstance(item, list):
            stack.extend((child, level + 1) for child in item)
        elif isinstance(item, dict):
            if "class_name" in item:
                if not is_allowed(item):
                    raise NotRebuildableError(f"`{item.get('class_name')}` is not a built-in layer")
                layers += is_layer(item)
            stack.extend((child, level + 1) for child in item.values())


@contextmanager
def bounded_parameters(*, filled: bool = False) -> Iterator[None]:
    """Within it, no layer can create weights beyond the bound: it is checked before allocation.

    Args:
        filled: whether all of them are given values afterwards: to draw some first is wasted time.
    """
    import keras  # noqa: PLC0415 - only where a model exists

    original: Callable[..., Variable] = keras.layers.Layer.add_weight
    total = 0

    def add_weight(layer: Layer, shape: Shape = None, **options: object) -> Variable:
        nonlocal total
        total += math.prod(int(size) for size in shape or ())
        if total > MAX_PARAMETERS:
            raise WireError(f"a model of over {MAX_PARAMETERS} parameters is not rebuilt")
        chosen = {"initializer": "zeros"} if filled else {}
        return original(layer, shape, **options | chosen)

    keras.layers.Layer.add_weight = add_weight
    try:
        yield
    finally:
        keras.layers.Layer.add_weight = original


@contextmanager
def _sequences_built_once() -> Iterator[None]:
    """Within it, a `Sequential` is put together after its last layer, and not after each again."""
    import keras  # noqa: PLC0415 - only where a model exists

    kind = keras.Sequential
    add, from_config = kind.add, vars(kind)["from_config"]

    def add_only(model: Model, layer: Layer, rebuild: bool = False) -> None:  # noqa: ARG001
        add(model, layer, rebuild=False)

    def build_at_end(given: type, config: Json, custom_objects: Json = None) -> Model:
        model = from_config.__func__(given, config, custom_objects)
        if model.layers and not model.built:
            model._maybe_rebuild()  # noqa: SLF001 - what `add` does by itself
        return model

    kind.add, kind.from_config = add_only, classmethod(build_at_end)
    try:
        yield
    finally:
        kind.add, kind.from_config = add, from_config


def _build(config: dict[str, Any], input_shape: object, *, built: bool) -> Model:
    import keras  # noqa: PLC0415 - only where a model exists

    try:
        model = keras.saving.deserialize_keras_object(config, safe_mode=True)
        if built and input_shape is not None and not model.built:
            model.build(_shape(input_shape))
    except WireError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"[:500]  # Keras repeats the whole configuration
        raise WireError(f"Keras cannot build the model: {reason}") from error
    if not isinstance(model, keras.Model):
        raise WireError("the configuration is not that of a model")
    return model


def _shape(form: object) -> tuple[int | None, ...]:
    if not isinstance(form, list) or len(form) > 8:
        raise NotRebuildableError("the model's input shape is not one plain shape")
    if not all(size is None or (isinstance(size, int) and 0 < size < 10**7) for size in form):
        raise WireError("the model's input shape is out of bounds")
    return tuple(form)


def _check_activations(model: Model) -> int:
    """Most values that a layer makes per example, within the bound."""
    widest = 1
    for layer in _walk_layers(model):
        try:
            shape = layer.output.shape
        except (AttributeError, ValueError):
            continue  # an unbuilt layer has no output yet
        widest = max(widest, math.prod(size or 1 for size in shape))
        if widest > MAX_ACTIVATION:
            raise WireError(f"layer `{layer.name}` makes over {MAX_ACTIVATION} values per example")
    return widest


def _speed_up(model: Model, widest: int) -> None:
    """Make the few predictions that tests ask for cheap: no tracing, and large batches.

    Measured on a small model and 800 examples, the first time in a process: 0.12 s as Keras does
    it, 0.06 s without tracing, 0.02 s where an array is put through the layers by ourselves.
    """
    model.run_eagerly = True
    batch = max(32, min(512, _BATCH_VALUES // widest))
    model.predict = _predict_arrays(model, _with_batch(model.predict, batch), batch)
    model.evaluate = _with_batch(model.evaluate, batch)


def _predict_arrays(model: Model, other: Callable[..., Any], batch: int) -> Callable[..., Any]:
    """`model.predict` for one array, given alone; `other` where anything else is asked for."""

    @functools.wraps(other)
    def predict(x: Any = None, batch_size: int | None = None, **options: Any) -> Any:
        plain = type(x) is np.ndarray and x.ndim > 1 and len(x) > 0 and x.dtype.kind in "biuf"
        if not plain or set(options) - {"verbose"} or not isinstance(batch_size, int | None):
            return other(x=x, batch_size=batch_size, **options)
        return _call_in_batches(model, x, batch_size or batch)

    return predict


def _call_in_batches(model: Model, x: np.ndarray[Any, Any], batch: int) -> Any:
    """What `predict` computes: floats in Keras's own width, no dropout, outputs joined."""
    import keras  # noqa: PLC0415 - only where a model exists

    if x.dtype.kind == "f":
        x = x.astype(keras.config.floatx(), copy=False)
    parts = [
        keras.tree.map_structure(
            keras.ops.convert_to_numpy, model(x[start : start + batch], training=False)
        )
        for start in range(0, len(x), batch)
    ]
    return keras.tree.map_structure(lambda *arrays: np.concatenate(arrays), *parts)


def _with_batch(method: Callable[..., Any], batch: int) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @functools.wraps(method)
    def run(*args: Any, **options: Any) -> Any:
        given = signature.bind_partial(*args, **options).arguments
        if hasattr(given.get("x"), "shape") and given.get("batch_size") is None:
            given["batch_size"] = batch
        return method(**given)

    return run


def _walk_layers(model: Model) -> Iterator[Layer]:
    """All layers of `model`, those of models within it included."""
    for layer in model.layers:
        yield layer
        if hasattr(layer, "layers"):
            yield from _walk_layers(layer)


def _set_weights(model: Model, weights: list[np.ndarray[Any, Any]]) -> None:
    if not weights:
        return
    expected = [tuple(weight.shape) for weight in model.weights]
    if expected != [weight.shape for weight in weights]:
        raise WireError("the model's weights do not have the shapes of its layers")
    if any(weight.dtype.kind not in "biuf" for weight in weights):
        raise WireError("the model's weights are no numbers")
    try:
        model.set_weights(weights)
        for layer in _walk_layers(model):
            if hasattr(layer, "finalize_state"):
                layer.finalize_state()  # `Normalization` computes with what it derives from them
    except Exception as error:
        raise WireError(f"the model's weights cannot be set: {error}") from error


def _compile(model: Model, config: object) -> None:
    """Compile as the student did where that is built in; a test may look at `model.loss`.

    An optimizer gets its variables (zeros; the student's are not sent) when a test trains with it.
    """
    import keras  # noqa: PLC0415 - only where a model exists

    if not isinstance(config, dict) or not config:
        return
    try:
        check_config(config)
        model.compile(**keras.saving.deserialize_keras_object(config))
    except Exception:  # noqa: BLE001 - a custom loss is no reason to refuse the model
        return
