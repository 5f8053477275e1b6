"""Builds the releases of an assessment's variants: what they share is read and built once.

Left out: the master through the real grader, which the release without variants goes through
(`master_result`), and every variant before students get it (`variants`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from autograder.assign import data_groups
from autograder.assign.draft import Draft, find_master, in_order, read_plain_draft, vary_draft
from autograder.assign.measured import read_measured
from autograder.assign.release import Release, assemble_release, build_editions
from autograder.assign.student import Edition
from autograder.errors import AuthoringError, Problem
from autograder.schema import Variant

_MOST_KEPT = 64  # notebooks with their texts filled in; parameters of data alone share one


class VariantBuilder:
    """Builds releases of one assessment, one variant after the other.

    Args:
        course: the folder that holds `solutions/`.
        assessment: its id; the release without variants was built, so it has no problems.

    Raises:
        AuthoringError: with every problem of the master, or of `data.py`.
    """

    def __init__(self, course: Path, assessment: str) -> None:
        folder = course / "solutions" / assessment
        measured = read_measured(folder, assessment)
        self._plain, problems = read_plain_draft(folder, find_master(folder), assessment, measured)
        self._make_data, found = data_groups.load_make_data(folder)
        if problems or found:
            raise AuthoringError(in_order(problems + found))
        self._editions: dict[str, Mapping[str, Edition]] = {}

    def build(self, variant: Variant) -> Release:
        """Release of one variant.

        Raises:
            AuthoringError: with what is wrong with it, and its values.
        """
        groups: Mapping[str, data_groups.Arrays] = {}
        problems: list[Problem] = []
        if self._make_data is not None:
            config = self._plain.config
            groups, problems = data_groups.call_make_data(self._make_data, config, variant.values)
        draft, found = vary_draft(self._plain, variant, groups)
        problems += found
        if problems:
            raise AuthoringError([_name_values(problem, variant) for problem in problems])
        return assemble_release(draft, self._find_editions(draft))

    def _find_editions(self, draft: Draft) -> Mapping[str, Edition]:
        """Notebooks of the draft: built, or those of another variant with the same words."""
        words = [cell.source for cell in draft.master.cells]
        words += [case.source for case in draft.cases]
        key = hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()
        if key not in self._editions:
            if len(self._editions) >= _MOST_KEPT:
                self._editions.pop(next(iter(self._editions)))
            self._editions[key] = build_editions(draft)
        return self._editions[key]


def _name_values(problem: Problem, variant: Variant) -> Problem:
    values = ", ".join(f"{name} = {value}" for name, value in variant.values.items())
    return Problem(problem.where, f"with {values}: {problem.what}", problem.fix)


def hash_release(release: Release) -> str:
    """Digest of all that a variant is for students and for grading, but for its name and values."""
    name = release.bundle.variant.encode()
    plain = release.bundle.model_copy(update={"variant": "", "content": ""})
    parts = {"bundle": plain.model_dump_json().encode()}
    parts |= {f"notebook/{key}": book.replace(name, b"") for key, book in release.notebooks.items()}
    parts |= {f"public/{key}": content for key, content in release.public_files.items()}
    parts |= {f"hidden/{key}": content for key, content in release.hidden_files.items()}
    digest = hashlib.sha256()
    for key, content in sorted(parts.items()):
        digest.update(f"{key}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
