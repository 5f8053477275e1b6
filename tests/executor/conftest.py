"""A scheduler with one worker of two places, for tests that leave it in order."""

import pytest

from tests.executor.hosts import find_port, start_scheduler, start_worker


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """Host and port of a scheduler whose worker `alpha` does two items at a time."""
    folder = tmp_path_factory.mktemp("cluster")
    port = find_port()
    scheduler = start_scheduler(folder, port)
    worker = start_worker(folder, f"127.0.0.1:{port}", 2, "alpha")
    try:
        yield f"127.0.0.1:{port}"
    finally:
        worker.kill()
        scheduler.kill()
