"""The Keras classes a model may be rebuilt from: an explicit list, so that new ones start refused.

Left out on purpose: `Lambda`, `TFSMLayer`, `TorchModuleWrapper`, `JaxLayer`, `FlaxLayer` (they run
code or load files) and the look-up layers (they read vocabulary files).
"""

from __future__ import annotations

import builtins
from typing import Any

_LAYERS = frozenset(
    """
    Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D
    AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add
    AdditiveAttention AlphaDropout Attention AutoContrast Average AveragePooling1D
    AveragePooling2D AveragePooling3D BatchNormalization Bidirectional CategoryEncoding
    CenterCrop Concatenate Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose
    ConvLSTM1D ConvLSTM2D ConvLSTM3D Cropping1D Cropping2D Cropping3D Dense DepthwiseConv1D
    DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense Embedding Equalization Flatten
    GRU GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D
    GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
    GroupNormalization GroupQueryAttention HashedCrossing Hashing Identity InputLayer LSTM
    LSTMCell LayerNormalization LeakyReLU Masking MaxPooling1D MaxPooling2D MaxPooling3D Maximum
    MelSpectrogram Minimum MultiHeadAttention Multiply Normalization PReLU Permute
    RMSNormalization RNN RandomBrightness RandomColorDegeneration RandomColorJitter
    RandomContrast RandomCrop RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale
    RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation
    RandomSharpness RandomShear RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape
    Resizing SeparableConv1D SeparableConv2D SimpleRNN SimpleRNNCell Softmax Solarization
    SpatialDropout1D SpatialDropout2D SpatialDropout3D SpectralNormalization StackedRNNCells
    Subtract TimeDistributed UnitNormalization UpSampling1D UpSampling2D UpSampling3D
    ZeroPadding1D ZeroPadding2D ZeroPadding3D
    """.split()  # noqa: SIM905 - a hundred quoted names are harder to read
)
_MODELS = frozenset({"Sequential", "Functional"})
_PLAIN_PACKAGES = frozenset(
    {
        "keras.optimizers",
        "keras.optimizers.schedules",
        "keras.losses",
        "keras.metrics",
        "keras.initializers",
        "keras.regularizers",
        "keras.constraints",
    }
)
_FUNCTION_PACKAGES = frozenset({"keras.activations", "keras.losses", "keras.metrics"})
_OPERATION_PACKAGES = frozenset({"keras.src.ops.numpy", "keras.src.ops.nn", "keras.src.ops.math"})
_POLICIES = frozenset({"DTypePolicy", "FloatDTypePolicy"})
_ARRAY_DTYPES = ("float16", "float32", "float64", "int32", "int64", "uint8", "bool")
_MARKS = frozenset({"__keras_tensor__", "__tuple__", "__ellipsis__", "__slice__", "__numpy__"})


def is_layer(item: dict[str, Any]) -> bool:
    """Whether a serialised object is a layer or model."""
    return item.get("module") in ("keras.layers", "keras", "keras.models") or "layers" in item


def is_allowed(item: dict[str, Any]) -> bool:
    """Whether a serialised object (a dict with `class_name`) is of a class that may be built."""
    name, module = item.get("class_name"), item.get("module")
    registered = item.get("registered_name")
    if not isinstance(name, str) or not isinstance(module, str | None):
        return False
    if name in _MARKS:
        return name != "__numpy__" or _is_plain_array(item.get("config"))
    if name == "function":
        return module in ("builtins", None) and _is_named_function(item)
    if registered not in (None, name):
        return False  # a custom object registered under a name of its own
    return _is_allowed_class(name, module)


def _is_allowed_class(name: str, module: object) -> bool:
    if module == "keras.layers":
        return name in _LAYERS
    if module in ("keras", "keras.models", "keras.src.models.functional"):
        return name in _MODELS or name in _POLICIES
    if module == "keras.src.models.sequential":
        return name == "Sequential"
    return (
        module in _PLAIN_PACKAGES or module in _FUNCTION_PACKAGES or module in _OPERATION_PACKAGES
    )


def _is_plain_array(config: object) -> bool:
    """A dtype such as `S1000000000` would allocate far more than the values given."""
    return isinstance(config, dict) and config.get("dtype") in _ARRAY_DTYPES


def _is_named_function(item: dict[str, Any]) -> bool:
    """A function is given by a name that Keras looks up among its own; never a builtin or code."""
    config = item.get("config")
    return isinstance(config, str) and config.isidentifier() and not hasattr(builtins, config)
