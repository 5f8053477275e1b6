import gzip
import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from autograder.errors import GraderError, UsageError
from autograder.store.artifacts import ArtifactFolder, hash_content, pack

TEXT = b"the same line\n" * 500
NOISE = os.urandom(20_000)


@pytest.fixture(params=["folder", "memory"])
def folder(request, tmp_path):
    url = tmp_path / "kept here" if request.param == "folder" else f"memory://{uuid.uuid4().hex}"
    return ArtifactFolder(str(url))


@pytest.mark.parametrize(
    "content", [b"", TEXT, NOISE, gzip.compress(TEXT, mtime=0), pack(NOISE + TEXT)]
)
def test_content_is_read_as_it_was(folder, content):
    digest = hash_content(content)
    length = folder.write(digest, content)
    assert folder.read(digest) == content
    assert folder.has(digest, length)
    assert not folder.has(digest, length + 1)
    assert not folder.has(digest, None)


def test_text_is_compressed_and_noise_is_not(folder):
    assert folder.write(hash_content(TEXT), TEXT) < len(TEXT) / 10
    assert folder.write(hash_content(NOISE), NOISE) == len(NOISE)


def test_numbers_are_not_compressed_for_the_sake_of_a_text_before_them(folder):
    content = TEXT * 3 + os.urandom(600_000)
    assert folder.write(hash_content(content), content) == len(content)


def test_a_text_is_compressed_for_all_its_noise_at_the_start(folder):
    content = NOISE + TEXT * 30
    assert folder.write(hash_content(content), content) < len(content) / 5


def test_equal_contents_are_one_file_and_nothing_half_written_is_left(tmp_path):
    folder = ArtifactFolder(str(tmp_path))
    for _ in range(2):
        folder.write(hash_content(TEXT), TEXT)
    digest = hash_content(TEXT)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [tmp_path / digest[:2] / digest[2:]]


@pytest.mark.parametrize(
    "damage", [b"", b"\x1f\x8b", b"something else", gzip.compress(b"else", mtime=0)]
)
def test_damaged_artifact_is_one_clear_error(tmp_path, damage):
    folder = ArtifactFolder(str(tmp_path))
    digest = hash_content(TEXT)
    folder.write(digest, TEXT)
    (tmp_path / digest[:2] / digest[2:]).write_bytes(damage)
    with pytest.raises(GraderError, match=rf"{digest[2:]} is damaged; restore it from a backup"):
        folder.read(digest)


def test_artifact_cut_short_is_damaged(tmp_path):
    folder = ArtifactFolder(str(tmp_path))
    digest = hash_content(TEXT)
    folder.write(digest, TEXT)
    file = tmp_path / digest[:2] / digest[2:]
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(GraderError, match="damaged"):
        folder.read(digest)


def test_missing_artifact_is_one_clear_error_and_may_be_removed_twice(folder):
    digest = hash_content(TEXT)
    length = folder.write(digest, TEXT)
    folder.remove(digest)
    folder.remove(digest)
    assert not folder.has(digest, length)
    with pytest.raises(GraderError, match=rf"{digest[2:]} is missing; restore it"):
        folder.read(digest)


def test_leftovers_of_dead_writers_go_and_fresh_ones_stay(tmp_path):
    folder = ArtifactFolder(str(tmp_path))
    folder.write(hash_content(TEXT), TEXT)
    for name, age in (("old", 7200), ("fresh", 0)):
        part = tmp_path / "tmp" / name
        part.write_bytes(b"half")
        os.utime(part, (part.stat().st_mtime - age,) * 2)
    assert folder.remove_leftovers(timedelta(hours=1)) == 1
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["fresh"]
    assert folder.read(hash_content(TEXT)) == TEXT


def test_file_in_the_way_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    folder = ArtifactFolder(str(tmp_path / "file"))
    with pytest.raises(GraderError, match=r"file: (Not a directory|File exists); make room there"):
        folder.write(hash_content(TEXT), TEXT)


def test_unknown_protocol_is_refused_with_its_name():
    with pytest.raises(UsageError, match="'nosuch://x' is no place for artifacts"):
        ArtifactFolder("nosuch://x")


def test_a_file_is_whole_when_it_appears(tmp_path, monkeypatch):
    folder = ArtifactFolder(str(tmp_path))

    def die(_part, _path):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        folder.write(hash_content(TEXT), TEXT)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
