"""Runs a training question: the student trains in the kernel, the metric is computed here."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

from autograder.errors import ForgedError, WireError
from autograder.grade.scorer import metrics
from autograder.grade.scorer.link import CallStopped, MissingNameError, RefusedError, StudentRaised
from autograder.grade.scorer.scope import Scope, load_metrics
from autograder.grade.scorer.standins import Handle, History, PredictionModel, Remote
from autograder.grade.verdict import ModelFacts, TrainingVerdict, judge_training
from autograder.schema.bundle import TrainingSpec
from autograder.schema.outcome import Outcome
from autograder.wire import requests

_BATCH = 256
_MAX_EPOCHS = 2_000
_MAX_CURVES = 20
_ERRORS = keras.src.backend.tensorflow.core.tf.errors
_OUT_OF_MEMORY = (MemoryError, _ERRORS.ResourceExhaustedError)


class _CannotJudgeError(Exception):
    """The training gave nothing that the metric can be computed of."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(reason)


def run_training(spec: TrainingSpec, scope: Scope, *, measure: bool = True) -> TrainingVerdict:
    """Train in the kernel, evaluate here; whatever goes wrong becomes part of the verdict.

    Without `measure` the trained model is only made known to the tests that follow.
    """
    facts: dict[str, Any] = {}
    try:
        _train(spec, scope, facts)
        if measure:
            _evaluate_to_the_end(spec, scope, facts)
    except CallStopped as stop:
        return TrainingVerdict(outcome=stop.outcome, reason="stopped", **facts)
    except _OUT_OF_MEMORY:
        return TrainingVerdict(outcome=Outcome.MEMORY_LIMIT, reason="stopped", **facts)
    except StudentRaised as error:
        facts["error"] = error.error
        return TrainingVerdict(outcome=Outcome.ERROR, reason="student_error", **facts)
    except _CannotJudgeError as error:
        return _failed(error.reason, error.detail, facts)
    except MissingNameError as error:
        return _failed("missing_name", str(error), facts)
    except ForgedError as error:
        return TrainingVerdict(outcome=Outcome.FORGED, staff_message=str(error), **facts)
    except (RefusedError, WireError) as error:
        return _failed("refused", str(error), facts)
    measured = TrainingVerdict.model_validate({"outcome": Outcome.FAILED, **facts})
    return judge_training(measured, spec)


def _failed(reason: str, detail: str, facts: dict[str, Any]) -> TrainingVerdict:
    known = {"outcome": Outcome.FAILED, "reason": reason, "detail": detail[:2_000]}
    return TrainingVerdict.model_validate({**known, **facts})


def _train(spec: TrainingSpec, scope: Scope, facts: dict[str, Any]) -> None:
    remote = scope.remote
    remote.ask({"op": "seed", "seed": spec.seed})
    if spec.model is not None:
        scope.trained_model = _as_model(remote.get(spec.model), spec.model)
    else:
        kept = remote.call(remote.get_ref(spec.build), (), {}, keep=True)
        _check_model(scope, kept, f"{spec.build}()")  # named before `train` trips over it
        train = remote.get_ref(spec.train)
        data = SimpleNamespace(**scope.load_group(spec.data))
        try:
            scope.history = remote.call(train, (kept, data), {})
        except CallStopped as stop:
            if not _goes_on(spec, stop):
                raise
            scope.trained_model = _as_model(_read_stopped(remote, kept, stop), f"{spec.build}()")
        else:
            scope.trained_model = _as_model(_read_kept(remote, kept), f"{spec.build}()")
    if isinstance(scope.history, History):
        facts["history"] = _clean_history(scope.history)
    facts.update(_describe(scope.trained_model))


def _check_model(scope: Scope, kept: Handle, name: str) -> None:
    """Whether it is a model; it is rebuilt only when it is trained."""
    kind = scope.remote.ask_kind({"op": "read", "ref": kept._ref})  # noqa: SLF001 - ours
    if kind != requests.MODEL:
        raise _CannotJudgeError("no_model", f"{name}: {kind}")


def _goes_on(spec: TrainingSpec, stop: CallStopped) -> bool:
    """Whether a model counts although its time is over; what follows is charged to the grader."""
    return stop.outcome is Outcome.TIME_LIMIT and spec.on_timeout == "evaluate"


def _read_stopped(remote: Remote, kept: Handle, stop: CallStopped) -> Any:
    """The model as its training left it.

    Raises:
        CallStopped: if the kernel had to be ended, and the model with it.
    """
    try:
        return _read_kept(remote, kept)
    except (RefusedError, MissingNameError):
        raise stop from None


def _read_kept(remote: Remote, kept: Handle) -> Any:
    return remote.ask({"op": "read", "ref": kept._ref})  # noqa: SLF001 - the stand-in is ours


def _as_model(value: Any, name: str) -> Any:
    if isinstance(value, keras.Model | PredictionModel):
        return value
    kind = value.__name__ if isinstance(value, Handle) else type(value).__name__
    raise _CannotJudgeError("no_model", f"{name}: {kind}")


def _clean_history(history: History) -> dict[str, tuple[float | None, ...]]:
    """Curves as bounded, finite numbers: they come from a stranger."""
    clean = {}
    for name, values in list(history.history.items())[:_MAX_CURVES]:
        if isinstance(name, str) and isinstance(values, list):
            numbers = [v for v in values[:_MAX_EPOCHS] if isinstance(v, int | float)]
            clean[name[:60]] = tuple(float(v) if math.isfinite(v) else None for v in numbers)
    return clean


def _describe(model: Any) -> dict[str, Any]:
    if isinstance(model, PredictionModel):
        return {"evaluated": "predictions"}
    found: dict[str, Any] = {"evaluated": "rebuilt", "facts": _model_facts(model)}
    if model.built:
        found["parameters"] = int(model.count_params())
    return found


def _model_facts(model: Any) -> ModelFacts:
    loss = getattr(model, "loss", None)
    last = model.layers[-1] if model.layers else None
    activation = getattr(last, "activation", None)
    name = loss if isinstance(loss, str) else getattr(loss, "name", None)
    from_logits = getattr(loss, "_fn_kwargs", {}).get("from_logits") if loss is not None else None
    try:
        units = model.output_shape[-1]
    except (AttributeError, ValueError, TypeError, IndexError):
        units = None
    return ModelFacts(
        loss=str(name) if name else None,
        from_logits=False if isinstance(loss, str) else from_logits,
        last_activation=getattr(activation, "__name__", None) or type(last).__name__.lower(),
        output_units=units if isinstance(units, int) else None,
    )


def _evaluate_to_the_end(spec: TrainingSpec, scope: Scope, facts: dict[str, Any]) -> None:
    """Evaluate; once more where the time was over in the middle of it, and that is allowed."""
    try:
        _evaluate(spec, scope, facts)
    except CallStopped as stop:
        if not _goes_on(spec, stop):
            raise
        _evaluate(spec, scope, facts)


def _evaluate(spec: TrainingSpec, scope: Scope, facts: dict[str, Any]) -> None:
    model = scope.trained_model
    hidden = scope.load_group(spec.evaluate)
    truth = hidden["y"]
    if spec.max_parameters is not None:
        _check_budget(spec.max_parameters, model, facts.get("parameters"))
    predictions = np.asarray(_predict(spec, scope, model, hidden["x"]))
    if predictions.dtype.kind not in "fiub" or not metrics.fits(truth, predictions):
        shape = f"{predictions.shape} {predictions.dtype}"
        raise _CannotJudgeError("shape", f"{shape} / {truth.shape} {truth.dtype}")
    if not np.all(np.isfinite(predictions)):
        raise _CannotJudgeError("not_finite")
    try:
        custom = load_metrics(scope.folder.folder / "metrics.py") if ":" in spec.metric else {}
        facts["value"] = metrics.compute_metric(spec.metric, truth, predictions, custom)
    except (ValueError, TypeError, IndexError, _ERRORS.OpError):
        raise _CannotJudgeError("shape", f"{predictions.shape} / {truth.shape}") from None
    facts["confusion"] = metrics.make_confusion(truth, predictions, spec.class_names)
    facts["residuals"] = metrics.make_residuals(truth, predictions)
    if metrics.is_classification(truth) and "facts" in facts:
        classes = max(int(truth.max()) + 1, len(spec.class_names))
        facts["facts"] = facts["facts"].model_copy(update={"classes": classes})


def _check_budget(budget: int, model: Any, parameters: int | None) -> None:
    if isinstance(model, PredictionModel):
        raise _CannotJudgeError("uncountable", model.reason)
    if parameters is not None and parameters > budget:
        raise _CannotJudgeError("too_large", f"{parameters} / {budget}")


def _predict(spec: TrainingSpec, scope: Scope, model: Any, raw: Any) -> Any:
    """Predictions on hidden inputs; the labels never leave this process."""
    if isinstance(model, PredictionModel) and spec.predict:
        return scope.remote.call(scope.remote.get_ref(spec.predict), (model, raw), {})
    inputs = raw
    if spec.preprocess:
        inputs = scope.remote.call(scope.remote.get_ref(spec.preprocess), (raw,), {})
    if isinstance(model, PredictionModel):
        return model.predict(inputs)
    if not isinstance(inputs, np.ndarray) and not keras.ops.is_tensor(inputs):
        raise _CannotJudgeError("shape", f"{spec.preprocess}: {type(inputs).__name__}")
    try:
        return model.predict(np.asarray(inputs), batch_size=_BATCH, verbose=0)
    except _OUT_OF_MEMORY:
        raise
    except Exception as error:  # Keras raises many kinds for inputs that do not fit
        raise _CannotJudgeError("shape", f"{type(error).__name__}: {error}"[:500]) from error
