"""A class of students that behaves like one: ability decides, questions differ, some go astray."""

import ast
import random
from datetime import UTC, datetime

import numpy as np
import pytest

from autograder import notebook
from autograder.schema import (
    Environment,
    Outcome,
    QuestionResult,
    Result,
    StudentError,
    TestCaseResult,
    TrainingResult,
)

NAMES = [
    "김서연",
    "이도윤",
    "박하은",
    "최지호",
    "정민준",
    "강지우",
    "조예준",
    "윤수아",
    "장시우",
    "임하린",
    "한유진",
    "오현우",
    "서채원",
    "신은우",
    "권다은",
    "황준서",
    "안소율",
    "송지민",
    "류태양",
    "전아린",
]
TITLES = {
    "ko": ("데이터 불러오기", "전처리", "합성곱 신경망 만들기", "모델 훈련", "오차 분석", "토론"),
    "en": (
        "Load the data",
        "Preprocess",
        "Build a convolutional network",
        "Train the model",
        "Analyse the errors",
        "Discuss",
    ),
}
DIFFICULTY = (-2.6, -0.8, 0.3, 0.2, 1.6)
DISCRIMINATION = (0.5, 1.6, 2.2, 1.4, 0.2)
MESSAGES = (
    ("ValueError", "Input 0 of layer dense is incompatible: expected axis -1 to have value {n}"),
    ("NameError", "name 'x_train' is not defined"),
    ("InvalidArgumentError", "Incompatible shapes: [{n},10] vs. [{n},1]"),
)


def draw_history(random, ability, epochs):
    end = 0.25 + 0.9 / (1 + np.exp(ability + 0.5))
    speed = np.exp(random.normal(0, 0.4))
    falls = np.exp(-speed * np.arange(epochs) / 3)
    noise = random.normal(0, 0.03, (2, epochs)).cumsum(axis=1) * 0.4
    loss = end * 0.8 + (2.2 - end) * falls + noise[0]
    rise = max(0.0, random.normal(0.0, 0.04)) * np.arange(epochs)
    val_loss = end + (2.2 - end) * falls + noise[1] + rise
    accuracy = 1 - 0.42 * np.clip(loss, 0.02, 2.3)
    val_accuracy = 1 - 0.4 * np.clip(val_loss, 0.02, 2.3)
    recorded = {
        "accuracy": accuracy,
        "loss": loss,
        "val_accuracy": val_accuracy,
        "val_loss": val_loss,
    }
    return {name: tuple(float(round(v, 4)) for v in values) for name, values in recorded.items()}


def make_question(random, number, ability, language, stopped):
    """One answered question; the last is graded by a person."""
    title = TITLES[language][number]
    name = f"q{number + 1}"
    if number == 5:
        return QuestionResult(
            name=name, title=title, score=0, points=0, outcome="passed", manual=True
        )
    points = (1.0, 2.0, 3.0, 4.0, 2.0)[number]
    training = make_training(random, ability, stopped) if number == 3 else None
    cases = [make_case(random, name, number, i, ability, stopped) for i in range(4)]
    if training:
        cases = [*cases[:2], make_training_case(name, training)]
    share = sum(case.score for case in cases) / sum(case.points for case in cases)
    score = round(points * share, 2)
    outcome = Outcome.PASSED if share == 1 else Outcome.PARTIAL if share else Outcome.FAILED
    error = None
    if stopped:
        outcome, score = Outcome.NOT_REACHED, 0.0
    elif share < 0.3 and random.random() < 0.6:
        kind, text = MESSAGES[int(random.integers(3))]
        text = text.format(n=int(random.integers(2, 6)) * 16)
        error, outcome = StudentError(cell=number + 2, name=kind, text=text), Outcome.ERROR
    elif number == 3 and share < 0.4 and random.random() < 0.3:
        outcome, score = Outcome.TIME_LIMIT, 0.0
    seconds = float(random.lognormal(2.4, 0.5) if number == 3 else random.lognormal(-0.7, 0.6))
    said = {
        "ko": f"검사 {4 - round(4 * share)}개를 통과하지 못했습니다.",
        "en": f"{4 - round(4 * share)} checks did not pass.",
    }
    return QuestionResult(
        name=name,
        title=title,
        score=score,
        points=points,
        outcome=outcome,
        reference_seconds=0.0 if stopped else min(seconds, 60.0),
        wall_seconds=0.0 if stopped else seconds * 1.1,
        limit_seconds=60.0,
        message="" if outcome is Outcome.PASSED or error else said[language],
        error=error,
        test_cases=tuple(cases),
        training=training,
    )


def make_case(random, name, number, i, ability, stopped):
    logit = DISCRIMINATION[number] * (ability - DIFFICULTY[number]) + random.normal(0, 0.3)
    if (number, i) == (1, 3):
        logit = -1.2 * ability  # a test that is wrong: strong students fail it
    passes = not stopped and random.random() < 1 / (1 + np.exp(-logit)) and (number, i) != (4, 2)
    passes = passes or (not stopped and (number, i) == (0, 0))
    outcome = "not_reached" if stopped else "passed" if passes else "failed"
    return TestCaseResult(
        name=f"{name}-{i + 1}", outcome=outcome, score=float(passes), points=1.0, hidden=i > 1
    )


def make_training(random, ability, stopped):
    if stopped:
        return None
    history = draw_history(random, ability, int(random.integers(6, 25)))
    value = float(np.clip(history["val_accuracy"][-1] + random.normal(0, 0.02), 0.08, 0.995))
    return TrainingResult(
        metric="accuracy",
        value=round(value, 4),
        full_marks_at=0.85,
        no_marks_below=0.62,
        parameters=int(random.lognormal(9.4, 0.45)),
        max_parameters=25_000,
        limit_seconds=60.0,
        seconds=float(round(random.lognormal(2.6, 0.55), 2)),
        evaluated="rebuilt",
        history=history,
    )


def make_training_case(name, training):
    share = float(np.clip((training.value - 0.62) / 0.23, 0, 1))
    outcome = "passed" if share == 1 else "partial" if share else "failed"
    return TestCaseResult(
        name=f"{name}-training", outcome=outcome, score=round(4 * share, 3), points=4.0
    )


def make_student(random, i, language):
    name = NAMES[i % len(NAMES)] + (str(i // len(NAMES) + 1) if i >= len(NAMES) else "")
    values = {
        "assessment": "a02_convnet",
        "language": language,
        "submission": f"s{i:03d}",
        "student": name,
        "points": 12.0,
        "environment": Environment(sandbox="fork"),
        "late": bool(random.random() < 0.06),
        "graded_at": datetime(2026, 11, 22, 15, 4, tzinfo=UTC),
        "wall_seconds": float(random.lognormal(3.1, 0.45)),
    }
    if i % 53 == 17:
        why = "RuntimeError: kernel died before it was ready"
        return Result(**values, outcome="grader_error", score=None, staff_message=why)
    if i % 61 == 23:
        said = {"ko": "노트북을 읽을 수 없습니다.", "en": "The notebook cannot be read."}[language]
        unread = [
            QuestionResult(name=f"q{n}", score=0, points=2, outcome="not_reached", message=said)
            for n in range(1, 6)
        ]
        return Result(**values, outcome="graded", score=0.0, message=said, questions=tuple(unread))
    ability = float(random.normal(0.4, 1.1))
    stops = 2 + int(random.integers(3)) if random.random() < 0.07 else 99
    questions = [make_question(random, n, ability, language, n >= stops) for n in range(6)]
    if i % 71 == 40:
        questions[1] = questions[1].model_copy(update={"outcome": Outcome.FORGED, "score": 0.0})
    score = round(sum(one.score for one in questions), 2)
    return Result(**values, outcome="graded", score=score, questions=tuple(questions))


@pytest.fixture(scope="session")
def make_class():
    """Results of `count` students, the same for the same seed."""

    def make(count=120, language="en", seed=0):
        random = np.random.default_rng(seed)
        return [make_student(random, i, language) for i in range(count)]

    return make


# Ways in which different students write the same small assignment.
LOAD = (
    "images = np.load('data/train.npz')['x']\nlabels = np.load('data/train.npz')['y']",
    "with np.load('data/train.npz') as archive:\n    images, labels = archive['x'], archive['y']",
    "archive = np.load('data/train.npz')\nimages = archive['x']\nlabels = archive['y']",
    "def load(path):\n    archive = np.load(path)\n    return archive['x'], archive['y']\nimages, labels = load('data/train.npz')",
)
SCALE = (
    "def preprocess(x):\n    x = x.astype('float32') / 255.0\n    return x[..., np.newaxis]",
    "def preprocess(x):\n    scaled = np.asarray(x, dtype='float32')\n    scaled /= 255\n    return np.expand_dims(scaled, -1)",
    "def preprocess(x):\n    result = x.reshape(-1, 28, 28, 1)\n    return result.astype(np.float32) / 255",
    "preprocess = lambda x: (x / 255.0).astype('float32').reshape(len(x), 28, 28, 1)",
)
SPLIT = (
    "order = np.random.permutation(len(images))\nsplit = int(0.{a} * len(images))\ntrain_ids, val_ids = order[:split], order[split:]",
    "from sklearn.model_selection import train_test_split\nx_train, x_val, y_train, y_val = train_test_split(images, labels, test_size=0.{b}, random_state={n})",
    "cut = len(images) * {a} // 10\nx_train, x_val = images[:cut], images[cut:]\ny_train, y_val = labels[:cut], labels[cut:]",
)
ANALYSE = (
    "guessed = model.predict(preprocess(images), verbose=0).argmax(axis=1)\nmatrix = np.zeros((10, 10), int)\nfor t, p in zip(labels, guessed):\n    matrix[t, p] += 1\nprint(matrix)",
    "from sklearn.metrics import confusion_matrix\nscores = model.predict(preprocess(images), verbose=0)\nprint(confusion_matrix(labels, np.argmax(scores, -1)))",
    "wrong = [i for i in range(len(images)) if model.predict(preprocess(images[i:i + 1]), verbose=0).argmax() != labels[i]]\nprint(len(wrong) / len(images))\nplt.imshow(images[wrong[0]])",
    "predicted = np.argmax(model(preprocess(images)), axis=-1)\nfor digit in range(10):\n    mask = labels == digit\n    print(digit, (predicted[mask] == digit).mean())",
)
GIVEN = (
    "import numpy as np\nimport keras\nfrom keras import layers\nimport matplotlib.pyplot as plt",
    "def show(images, titles):\n    figure, axes = plt.subplots(1, len(images), figsize=(12, 2))\n    for axis, image, title in zip(axes, images, titles):\n        axis.imshow(image, cmap='gray')\n        axis.set_title(title)\n        axis.axis('off')\n    plt.show()",
)


def write_network(random):
    filters, kernel = random.choice((8, 12, 16, 24, 32)), random.choice((3, 5))
    blocks, dense = random.randint(1, 3), random.choice((0, 32, 48, 64, 100))
    body = []
    for i in range(blocks):
        extra = random.choice(("", ", padding='same'", ", strides=2"))
        body.append(f"layers.Conv2D({filters * 2**i}, {kernel}, activation='relu'{extra})")
        body.append(
            random.choice(
                (
                    "layers.MaxPooling2D()",
                    "layers.MaxPooling2D(2)",
                    "layers.BatchNormalization()",
                    f"layers.Dropout(0.{random.randint(1, 4)})",
                )
            )
        )
    body.append(random.choice(("layers.Flatten()", "layers.GlobalAveragePooling2D()")))
    if dense:
        body.append(
            f"layers.Dense({dense}, activation='{random.choice(('relu', 'tanh', 'gelu'))}')"
        )
    last = random.choice(("layers.Dense(10, activation='softmax')", "layers.Dense(10)"))
    style = random.randint(0, 2)
    if style == 0:
        parts = ",\n        ".join(["keras.Input((28, 28, 1))", *body, last])
        return f"def build_model():\n    return keras.Sequential([\n        {parts},\n    ])"
    if style == 1:
        lines = [f"    net.add({part})" for part in [*body, last]]
        return "\n".join(
            [
                "def build_model():",
                "    net = keras.Sequential()",
                "    net.add(keras.Input((28, 28, 1)))",
                *lines,
                "    return net",
            ]
        )
    lines = [f"    h = {part}(h)" for part in body]
    return "\n".join(
        [
            "def build_model():",
            "    inputs = keras.Input(shape=(28, 28, 1))",
            "    h = inputs",
            *lines,
            f"    outputs = {last}(h)",
            "    return keras.Model(inputs, outputs)",
        ]
    )


def write_training(random):
    optimizer = random.choice(
        (
            "'adam'",
            f"keras.optimizers.Adam({random.choice((1, 2, 3, 5))}e-3)",
            f"keras.optimizers.SGD(0.0{random.randint(1, 9)}, momentum=0.9)",
            "keras.optimizers.RMSprop()",
        )
    )
    epochs, batch = random.randint(3, 30), random.choice((16, 32, 64, 100, 128))
    stop = random.random() < 0.5
    lines = [
        "def train(model, data):",
        f"    model.compile(optimizer={optimizer}, loss='sparse_categorical_crossentropy', metrics=['accuracy'])",
    ]
    more = random.choice((f", validation_split=0.{random.randint(1, 3)}", ""))
    if stop:
        lines.append(
            f"    stop = keras.callbacks.EarlyStopping(patience={random.randint(1, 6)}, restore_best_weights=True)"
        )
        more += ", callbacks=[stop]"
    call = f"model.fit(preprocess(data.x), data.y, epochs={epochs}, batch_size={batch}{more}, verbose=0)"
    lines += random.choice(
        ([f"    return {call}"], [f"    history = {call}", "    return history"])
    )
    return "\n".join(lines)


def write_solution(random):
    """Cells of one independent solution."""
    numbers = {"a": random.randint(6, 9), "b": random.randint(1, 3), "n": random.randint(0, 99)}
    return [
        random.choice(LOAD),
        random.choice(SCALE),
        random.choice(SPLIT).format(**numbers),
        write_network(random),
        write_training(random),
        random.choice(ANALYSE),
    ]


def pack(cells):
    made = [notebook.make_code_cell(source) for source in [*GIVEN, *cells]]
    return notebook.serialize_notebook(notebook.make_notebook(made))


class Renamer(ast.NodeTransformer):
    """Gives every name of the student's own another one."""

    def __init__(self, names):
        self.names = names

    def visit_Name(self, node):
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node):
        node.arg = self.names.get(node.arg, node.arg)
        return node


def disguise(random, cells):
    """A copy: names changed, comments and blank lines put in, cells in another order."""
    found = {
        node.id
        for cell in cells
        for node in ast.walk(ast.parse(cell))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    } - {"preprocess"}
    names = {name: f"{name[0]}_{random.randint(10, 99)}" for name in sorted(found)}
    changed = []
    for cell in cells:
        lines = ast.unparse(Renamer(names).visit(ast.parse(cell))).split("\n")
        lines.insert(0, f"# my own way {random.random()}")
        changed.append("\n\n".join(lines[:2]) + "\n" + "\n".join(lines[2:]) + "  # done")
    order = [0, 2, 1, 3, 4, 5] if random.random() < 0.5 else [0, 1, 4, 3, 2, 5]
    return [changed[i] for i in order]


@pytest.fixture(scope="session")
def make_notebooks():
    """Notebooks of `count` honest students and `copies` disguised copies, and the released one.

    Copy k of student k is called `copy<k>`.
    """

    def make(count=60, copies=4, seed=0):
        draw = random.Random(seed)
        solutions = [write_solution(draw) for _ in range(count)]
        notebooks = {f"s{i:03d}": pack(cells) for i, cells in enumerate(solutions)}
        for i in range(copies):
            notebooks[f"copy{i:03d}"] = pack(disguise(draw, solutions[i]))
        return notebooks, pack([])

    return make
