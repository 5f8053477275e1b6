"""A cluster whose connections are encrypted, and closed to whoever has no certificate."""

import shutil
import subprocess

import dask
import pytest

from autograder.errors import GraderError, UsageError
from autograder.executor.dask import DaskExecutor
from tests.executor.hosts import Process, find_port, start_scheduler, wait_for
from tests.executor.sites import Square

WORKER = """
import sys
from autograder.cli.worker import work
from autograder.executor.nanny import WorkerOptions
ca, cert, key = sys.argv[2:]
sys.exit(work(sys.argv[1], WorkerOptions(1, "alpha", 30, ca, cert, key)))
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A certificate that is its own authority, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("needs the command `openssl` to make certificates")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    words = (
        f"req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=autograder -keyout {key} -out {cert}"
    )
    subprocess.run(["openssl", *words.split()], check=True, capture_output=True)
    return cert, cert, key


@pytest.fixture(scope="module")
def place(files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("secure")
    port = find_port()
    options = [
        word
        for pair in zip(("--tls-ca-file", "--tls-cert", "--tls-key"), files, strict=True)
        for word in pair
    ]
    scheduler = start_scheduler(folder, port, options=["--protocol", "tls", *options])
    worker = Process(["-c", WORKER, f"127.0.0.1:{port}", *files], folder / "worker.log")
    try:
        wait_for(lambda: "joined" in worker.read())
        yield f"127.0.0.1:{port}"
    finally:
        worker.kill()
        scheduler.kill()


def test_who_has_a_certificate_can_grade(place, files):
    names = ("ca-file", "client.cert", "client.key")
    settings = {
        f"distributed.comm.tls.{name}": file for name, file in zip(names, files, strict=True)
    }
    with dask.config.set(settings):
        assert list(DaskExecutor(place, transport="tls").run(Square(), [4])) == [(4, 16)]


def test_who_has_none_is_told_what_to_set():
    with pytest.raises(
        UsageError, match=r"set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, .*CLIENT__KEY"
    ):
        list(DaskExecutor("127.0.0.1:1", transport="tls").run(Square(), [4]))


def test_without_tls_nobody_gets_in(place):
    with pytest.raises(GraderError, match=r"dask\+tls://"):
        list(DaskExecutor(place, patience_seconds=0.5).run(Square(), [4]))
