import subprocess
import sys

import pytest

from autograder.errors import UsageError
from autograder.store import open_folder_store, open_sql_store
from tests.store.making import ASSESSMENT, make_result


def test_usual_place_is_beside_the_results_whatever_the_folder_is_called(tmp_path):
    root = tmp_path / "결과 50% ?x=1#a"
    with open_folder_store(root, ASSESSMENT) as store:
        store.save(make_result(), {"a": b"1"})
    assert (root / ".store" / "store.sqlite").is_file()
    assert (root / ".store" / "artifacts").is_dir()
    with open_folder_store(root, ASSESSMENT) as store:
        assert store.read_artifact("kim", "a") == b"1"


def test_artifacts_may_lie_in_any_place_that_fsspec_knows(tmp_path):
    url = f"sqlite:///{tmp_path}/store.sqlite"
    with open_sql_store(url, f"memory://{tmp_path.name}", ASSESSMENT) as store:
        store.save(make_result(), {"a": b"1"})
        assert store.read_artifact("kim", "a") == b"1"
        assert store.measure().artifact_bytes > 0
    with pytest.raises(UsageError, match="a store needs a place for artifacts"):
        open_sql_store(url, "", ASSESSMENT)


def test_nothing_heavy_is_imported_before_a_store_is_opened():
    code = (
        "import sys, autograder.store; "
        "sys.exit(sum(name in sys.modules for name in ('sqlalchemy', 'alembic', 'fsspec')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
