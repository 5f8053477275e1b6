"""Harmless stand-ins for what notebooks bring along from Colab and otter.

`otter.Notebook` answers every check with one line (tests run elsewhere); `google.colab` says what
to do instead; Colab's magics do nothing instead of ending the cell; pictures are drawn into the
notebook whatever window was asked for; `exit()` ends nothing. Commands that need a network:
`offline`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from autograder.kernel.offline import install_offline

Stub = Callable[..., None]
Shell = Any  # IPython's, which has no types
_IDLE_MAGICS = ("tensorflow_version", "load_ext_colab", "colab", "tensorboard")
_IDLE_EXTENSIONS = ("tensorboard", "google.colab", "ipympl", "jupyter_black", "lab_black")


class _Notebook:
    """What `otter.Notebook(...)` gives at grading: every method does nothing."""

    def __init__(self, *_args: object, **_kwargs: object) -> None:
        pass

    def __getattr__(self, _name: str) -> Stub:
        return lambda *_args, **_kwargs: None


class _ColabError(RuntimeError):
    """A Colab-only call that cannot do anything here."""


def _unavailable(call: str, instead: str) -> Stub:
    def stub(*_args: object, **_kwargs: object) -> None:
        raise _ColabError(f"{call} works only in Colab; {instead}")

    return stub


def _announce(call: str) -> Stub:
    def stub(*_args: object, **_kwargs: object) -> None:
        print(f"{call} does nothing here; files lie beside the notebook", file=sys.stderr)  # noqa: T201

    return stub


def _make_module(name: str, **members: object) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(members)
    sys.modules[name] = module
    return module


def install_stubs(shell: Shell) -> None:
    """Put the stand-ins in place in a running IPython kernel."""
    _make_module("otter", Notebook=_Notebook)
    colab = _make_colab()
    try:  # a namespace package that TensorFlow's protobuf brings
        importlib.import_module("google").colab = colab  # type: ignore[attr-defined]
    except ImportError:
        _make_module("google", colab=colab, __path__=[])
    for magic in _IDLE_MAGICS:
        shell.register_magic_function(lambda *_: None, "line", magic)
    _ignore_extensions(shell)
    _draw_inline(shell)
    shell.ask_exit = _say_exit
    install_offline(shell)


def _ignore_extensions(shell: Shell) -> None:
    """Loading what only other places have does nothing instead of ending the cell."""
    load = shell.extension_manager.load_extension

    def load_extension(name: str) -> object:
        return None if name.startswith(_IDLE_EXTENSIONS) else load(name)

    shell.extension_manager.load_extension = load_extension


def _draw_inline(shell: Shell) -> None:
    """`%matplotlib notebook`, `widget`, `qt` … all draw into the notebook."""
    enable = shell.enable_matplotlib
    shell.enable_matplotlib = lambda gui=None: enable("inline" if gui else gui)


def _say_exit() -> None:
    """Jupyter's `exit()` would end the kernel after the cell, and cost the next question."""
    print("exit() does nothing here", file=sys.stderr)  # noqa: T201


def _make_colab() -> ModuleType:
    advice = "read files by a path relative to the notebook"
    members: dict[str, dict[str, Stub]] = {
        "auth": {"authenticate_user": _announce("auth.authenticate_user")},
        "data_table": {
            name: lambda *_args, **_kwargs: None
            for name in (
                "load_ipython_extension",
                "enable_dataframe_formatter",
                "disable_dataframe_formatter",
            )
        },
        "drive": {
            "mount": _announce("drive.mount"),
            "flush_and_unmount": _announce("drive.flush_and_unmount"),
        },
        "files": {
            "upload": _unavailable("files.upload()", advice),
            "download": _announce("files.download"),
        },
        "output": {"clear": _announce("output.clear")},
        "patches": {"cv2_imshow": _announce("cv2_imshow")},
        "userdata": {"get": _unavailable("userdata.get()", "no secret is needed here")},
    }
    parts = {name: _make_module(f"google.colab.{name}", **made) for name, made in members.items()}
    return _make_module("google.colab", __path__=[], **parts)
