"""Writes a release to disk, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from autograder.assign.draft import METRICS_FILE
from autograder.assign.release import Release
from autograder.schema.bundle import BUNDLE_FILE


def publish_release(release: Release, course: Path) -> None:
    """Write `assignments/<id>/`, `build/<id>/bundle/` and `build/<id>/solution.ipynb`.

    Each folder is written beside its place and then renamed into it, so that nothing is ever half
    written and no file of an earlier release stays. Other files in `build/<id>/` are left alone.

    Args:
        release: what `build_release` returned.
        course: the folder that holds `solutions/`.
    """
    name = release.bundle.assessment
    build = course / "build" / name
    _replace_folder(build / "bundle", _bundle_files(release))
    _replace_file(build / "solution.ipynb", release.solution)
    _replace_folder(course / "assignments" / name, _student_files(release))


def is_published(release: Release, course: Path) -> bool:
    """Whether exactly this was written already, so that its master was graded then."""
    name = release.bundle.assessment
    build, assignment = course / "build" / name, course / "assignments" / name
    wanted = {build / "solution.ipynb": release.solution}
    wanted |= {build / "bundle" / key: text for key, text in _bundle_files(release).items()}
    wanted |= {assignment / key: text for key, text in _student_files(release).items()}
    return all(path.is_file() and path.read_bytes() == text for path, text in wanted.items())


def publish_variant(release: Release, folder: Path) -> None:
    """Write the release of one variant to `folder`, in place of what is there.

    It holds `bundle/`, `solution.ipynb`, and `student/` with what its students get.
    """
    files = {f"bundle/{name}": content for name, content in _bundle_files(release).items()}
    files |= {f"student/{name}": content for name, content in _student_files(release).items()}
    _replace_folder(folder, files | {"solution.ipynb": release.solution})


def _bundle_files(release: Release) -> dict[str, bytes]:
    files = {BUNDLE_FILE: (release.bundle.model_dump_json(indent=1) + "\n").encode()}
    files |= {f"public/{name}": content for name, content in release.public_files.items()}
    files |= {f"hidden/{name}.npz": content for name, content in release.hidden_files.items()}
    if release.metrics is not None:
        files[METRICS_FILE] = release.metrics.encode()
    return files


def _student_files(release: Release) -> dict[str, bytes]:
    """Every edition with all files beside it, so that each folder works by itself."""
    files: dict[str, bytes] = {}
    for number, (edition, notebook) in enumerate(release.notebooks.items()):
        prefix = "" if number == 0 else f"{edition}/"
        files[prefix + release.bundle.notebook_name] = notebook
        files |= {prefix + name: content for name, content in release.public_files.items()}
    return files


def _replace_folder(target: Path, files: Mapping[str, bytes]) -> None:
    new, old = (target.with_name(f".{target.name}.{suffix}") for suffix in ("new", "old"))
    _settle(target, new, old)
    try:
        for name, content in files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if target.exists():
            target.rename(old)
        new.rename(target)
    finally:
        _settle(target, new, old)


def _settle(target: Path, new: Path, old: Path) -> None:
    """Bring back the earlier release if the new one did not take its place, and clear up."""
    if old.exists() and not target.exists():
        old.rename(target)
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)


def _replace_file(target: Path, content: bytes) -> None:
    new = target.with_name(f".{target.name}.new")
    new.write_bytes(content)
    new.replace(target)
