"""What may stand after `--executor`."""

import subprocess
import sys

import pytest

from autograder.errors import UsageError
from autograder.executor import spec
from autograder.executor.dask import DaskExecutor
from autograder.executor.inline import InlineExecutor
from autograder.executor.local import LocalExecutor
from autograder.executor.spec import make_executor
from autograder.plugins import list_plugins


@pytest.fixture(autouse=True)
def _plugins(monkeypatch):
    known = {"inline": InlineExecutor, "local": LocalExecutor, "dask": DaskExecutor}
    monkeypatch.setattr(spec, "load_plugin", lambda group, name: known[name])


def test_a_name_is_enough_here():
    assert isinstance(make_executor("inline"), InlineExecutor)
    local = make_executor("local", workers=3)
    assert isinstance(local, LocalExecutor)
    assert local.workers == 3


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("dask://big:8786", "tcp://big:8786"),
        ("dask+tls://big:8786", "tls://big:8786"),
        ("dask://[fe80::1]:99", "tcp://[fe80::1]:99"),
    ],
)
def test_a_cluster_has_an_address(written, address):
    assert make_executor(written).address == address


def test_a_cluster_without_an_address_is_told_how_to_write_it():
    with pytest.raises(UsageError, match=r"dask: say where it is, as in dask://host:8786"):
        make_executor("dask")


def test_an_address_where_none_belongs_is_told():
    with pytest.raises(UsageError, match="'local' runs here"):
        make_executor("local://here")


def test_an_unknown_executor_is_told_with_those_there_are(monkeypatch):
    monkeypatch.undo()
    with pytest.raises(UsageError, match=r"no 'slurm' among the executors: .*local"):
        make_executor("slurm")
    assert "local" in list_plugins("executors")


def test_dask_is_not_imported_where_it_is_not_used():
    code = (
        "import sys, autograder.executor.spec, autograder.executor.local, autograder.executor.base\n"
        "sys.exit('distributed' in sys.modules or 'dask' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
