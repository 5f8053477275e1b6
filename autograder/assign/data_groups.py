"""Runs `data.py`, and turns its arrays into `.npz` bytes that are the same every time."""

from __future__ import annotations

import copy
import io
import runpy
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.assign.place import Place
from autograder.errors import Problem
from autograder.schema import AssessmentConfig, TrainingSpec

DATA_FILE = "data.py"
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
Arrays = Mapping[str, NDArray[Any]]
_CONTRACT = "return `{'train': {'x': array, 'y': array}, ...}`"


MakeData = Callable[[int, dict[str, Any]], object]


def make_groups(
    folder: Path, config: AssessmentConfig, variant: Mapping[str, Any]
) -> tuple[dict[str, Arrays], list[Problem]]:
    """Groups of arrays that `data.py` in `folder` makes; none where there is no such file."""
    make_data, problems = load_make_data(folder)
    if make_data is None:
        return {}, problems
    groups, problems = call_make_data(make_data, config, variant)
    if problems:
        return {}, problems
    again, problems = call_make_data(make_data, config, variant)
    if any(to_npz(groups[name]) != to_npz(again.get(name, {})) for name in groups):
        fix = "draw every number from `np.random.default_rng(seed)`"
        problems.append(Place(DATA_FILE).problem("gives other arrays for the same seed", fix))
    return groups, problems + _public_problems(groups, config)


def load_make_data(folder: Path) -> tuple[MakeData | None, list[Problem]]:
    """The function `make_data` of `data.py` in `folder`; None where there is no such file."""
    path, place = folder / DATA_FILE, Place(DATA_FILE)
    if not path.exists():
        return None, []
    try:
        make_data = runpy.run_path(str(path)).get("make_data")
    except Exception as error:  # noqa: BLE001 - staff's own code, which may raise anything
        return None, [_failure(error)]
    if make_data is None:
        what = "has no function `make_data`"
        return None, [place.problem(what, "define make_data(seed, variant)")]
    return make_data, []


def call_make_data(
    make_data: MakeData, config: AssessmentConfig, variant: Mapping[str, Any]
) -> tuple[dict[str, Arrays], list[Problem]]:
    """Groups of arrays that it makes of a variant's values; once, so nothing is said of purity."""
    try:
        groups = make_data(config.data.seed, copy.deepcopy(dict(variant)))
    except Exception as error:  # noqa: BLE001 - staff's own code, which may raise anything
        return {}, [_failure(error)]
    problems = _shape_problems(groups, Place(DATA_FILE))
    return ({}, problems) if problems else (groups, [])  # type: ignore[return-value]


def _failure(error: Exception) -> Problem:
    return Place(DATA_FILE).problem(f"fails with {type(error).__name__}: {error}", "mend it")


def _shape_problems(groups: object, place: Place) -> list[Problem]:
    if not isinstance(groups, Mapping) or not groups:
        return [place.problem("`make_data` returns no groups", _CONTRACT)]
    problems = []
    for name, arrays in groups.items():
        if not str(name).isidentifier() or not isinstance(arrays, Mapping):
            problems.append(
                place.problem(f"group `{name}` is not a named set of arrays", _CONTRACT)
            )
            continue
        problems += [
            place.problem(f"`{name}.{key}` is not an array of numbers or text", _CONTRACT)
            for key, value in arrays.items()
            if not isinstance(value, np.ndarray) or value.dtype.hasobject
        ]
    return problems


def _public_problems(groups: Mapping[str, Arrays], config: AssessmentConfig) -> list[Problem]:
    known = ", ".join(groups)
    return [
        Place("assessment.toml").problem(
            f"public group `{name}` is not made by data.py",
            f"set `public` in [data] to some of {known}",
        )
        for name in config.data.public
        if name not in groups
    ]


def find_training_data_problems(
    place: Place, spec: TrainingSpec, groups: Mapping[str, Arrays], public: tuple[str, ...]
) -> list[Problem]:
    """Groups named in `training:` that do not exist, or are wrongly public or hidden."""
    known = ", ".join(groups) or "none"
    problems = []
    if spec.model is None and spec.data not in groups:
        what = f"`training.data: {spec.data}` is no group of data.py"
        problems.append(place.problem(what, f"groups are {known}"))
    elif spec.model is None and spec.data not in public:
        what = f"`training.data: {spec.data}` is not public, and student code would get it"
        problems.append(place.problem(what, "add it to `public` in [data] of assessment.toml"))
    if spec.evaluate not in groups:
        what = f"`training.evaluate: {spec.evaluate}` is no group of data.py"
        problems.append(place.problem(what, f"groups are {known}"))
    elif spec.evaluate in public:
        what = f"`training.evaluate: {spec.evaluate}` is public, so students have its answers"
        problems.append(place.problem(what, "evaluate on a group that is not public"))
    elif not {"x", "y"} <= set(groups[spec.evaluate]):
        what = f"group `{spec.evaluate}` has no arrays `x` and `y`"
        problems.append(place.problem(what, "name them so in data.py"))
    return problems


def to_npz(arrays: Arrays) -> bytes:
    """Arrays as a compressed `.npz` without dates, so that equal arrays are equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, member.getvalue())
    return buffer.getvalue()
