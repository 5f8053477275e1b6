"""Rules for shapes: labels and losses, last layers, missing axes, images shrunk to nothing."""

from __future__ import annotations

from autograder.grade.hints.rule import Rule

LOSS_MISFIT = "The labels (shape {target}) do not fit to the model's output (shape {output})."
CHANNELS = (
    "Images need a channel axis: `x[..., None]` gives (n, height, width, 1), and the input shape "
    "is (height, width, 1). A convolution comes before `Flatten`."
)

RULES = (
    Rule(
        LOSS_MISFIT,
        "For whole-number labels use `sparse_categorical_crossentropy`; for "
        "`categorical_crossentropy` turn them into one-hot rows with `keras.utils.to_categorical`.",
        text=(
            r"must have the same rank \(ndim\)\. Received: "
            r"target\.shape=(?P<target>\([^)]*\)), output\.shape=(?P<output>\([^)]*\))"
        ),
    ),
    Rule(
        "`sparse_categorical_crossentropy` needs one whole number for each example, but the labels "
        "have the shape {target}.",
        "Use `categorical_crossentropy` for one-hot labels.",
        text=(
            r"must have rank \(ndim\) `target\.ndim - 1`\. Received: "
            r"target\.shape=(?P<target>\([^)]*\))"
        ),
    ),
    Rule(
        LOSS_MISFIT,
        "Give the last layer as many units as there are classes or target values.",
        text=(
            r"must have the same shape\. Received: "
            r"target\.shape=(?P<target>\([^)]*\)), output\.shape=(?P<output>\([^)]*\))"
        ),
    ),
    Rule(
        "A label is {label}, but the last layer has places only for {valid}.",
        "Give the last layer as many units as there are classes, and count classes from 0.",
        text=(
            r"label value of (?P<label>-?\d+) which is outside the valid range of "
            r"(?P<valid>\[[^)]*\))"
        ),
    ),
    Rule(
        "Two sizes that must be equal are {first} and {second}: the labels and the model's output "
        "do not fit.",
        "Give the last layer as many units as there are target values for each example.",
        text=r"Dimensions must be equal, but are (?P<first>\d+) and (?P<second>\d+)",
    ),
    Rule(
        "The layer `{layer}` gets {found} axes and needs at least {needed}.",
        CHANNELS,
        text=(
            r"layer '(?P<layer>[^']*(?:conv|pool)[^']*)' .*min_ndim=(?P<needed>\d+), "
            r"found ndim=(?P<found>\d+)"
        ),
    ),
    Rule(
        "The layer `{layer}` gets {found} axes and needs {needed}.",
        "Give the data the axes that the layer expects: images (n, height, width, channels), "
        "sequences (n, steps, features), rows (n, features).",
        text=(
            r"layer '(?P<layer>[^']*)' .*(?:min_|max_)?ndim=(?P<needed>\d+), "
            r"found ndim=(?P<found>\d+)"
        ),
    ),
    Rule(
        "The layer `{layer}` expects {needed} values on an axis, but its input has the shape "
        "{found}.",
        "Bring the data into the model's input shape in `preprocess`, and use the same "
        "`preprocess` for training and prediction.",
        text=(
            r"layer [\"'](?P<layer>[^\"']*)[\"'] is incompatible with the layer: "
            r"expected axis -?\d+ of input shape to have value (?P<needed>\d+), "
            r"but received input with shape (?P<found>\([^)]*\))"
        ),
    ),
    Rule(
        "The input does not have the shape that the model expects.",
        "Compare `x.shape` with `model.input_shape`, and bring the data into that shape in "
        "`preprocess`.",
        text=r"is incompatible with the layer|Invalid input shape for input",
    ),
    Rule(
        "The image has become too small for the next layer: a convolution or pooling leaves no "
        "pixel.",
        "Use `padding='same'`, smaller kernels, or fewer pooling layers.",
        text=r"Computed output size would be zero or negative|[Nn]egative dimension size",
    ),
    Rule(
        "Inputs and labels do not have the same number of examples.",
        "Compare `x.shape[0]` with `y.shape[0]`: both must be split and filtered alike.",
        text=r"Data cardinality is ambiguous",
    ),
    Rule(
        "An index or token is {index}, but the `Embedding` has places only for {valid}.",
        "Give `input_dim` of the `Embedding` the size of the vocabulary, padding included.",
        text=r"indices\[[^\]]*\] = (?P<index>-?\d+) is not in (?P<valid>\[[^)]*\))",
    ),
    Rule(
        "Arrays of the shapes {shapes} do not fit together.",
        "Print the shapes of both arrays before this line, and make them agree.",
        text=r"could not be broadcast together with (?:remapped )?shapes (?P<shapes>.*)",
    ),
    Rule(
        "The inner sizes of a matrix product are {first} and {second}; they must be equal.",
        "Print the shapes of both matrices before this line; one of them may need `.T`.",
        text=r"matmul: .*\(size (?P<first>\d+) is different from (?P<second>\d+)\)",
    ),
    Rule(
        "An array of {size} values does not fit into the shape {shape}.",
        "Let one size be computed (`-1`), and check the number of examples and features.",
        text=r"cannot reshape array of size (?P<size>\d+) into shape (?P<shape>\([^)]*\))",
    ),
    Rule(
        "Layers with different sizes are put together.",
        "Make all sizes but the joined axis equal before `Concatenate`.",
        text=r"`Concatenate` layer requires inputs with matching shapes",
    ),
)
