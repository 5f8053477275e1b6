"""Which variant each student was given, as `build/<id>/variants/handed_out.json` keeps it.

What was handed out stands: a student keeps a variant while it is in use, and the grader knows
whose notebook is whose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from autograder.errors import UsageError
from autograder.report.export.people import normalise_name
from autograder.report.writer import write_whole
from autograder.schema.base import Value

HANDED_OUT_FILE = "handed_out.json"


class Given(Value):
    """A student's variant.

    Attributes:
        student: the id that the variant was chosen by.
        also: what else the roster calls the student: numbers, addresses, names.
    """

    student: str
    variant: str
    also: tuple[str, ...] = ()


class HandedOut(Value):
    """Everybody's variant, in the order that they were given."""

    students: tuple[Given, ...] = ()

    @property
    def by_student(self) -> dict[str, str]:
        """Variant by the student's id."""
        return {item.student: item.variant for item in self.students}

    @property
    def by_alias(self) -> dict[str, str]:
        """Variant by all that a student is called, in small letters; not what two are called."""
        own = {_fold(item.student): item.variant for item in self.students}
        called = [(_fold(text), item.variant) for item in self.students for text in item.also]
        counts = Counter(name for name, _ in called)
        return {name: variant for name, variant in called if counts[name] == 1} | own

    def add(self, others: Iterable[Given]) -> HandedOut:
        """The same, with these in place of what their students had."""
        return HandedOut(
            students=tuple({item.student: item for item in (*self.students, *others)}.values())
        )


def _fold(text: str) -> str:
    return normalise_name(text).casefold()


def find_given(aliases: dict[str, str], names: Iterable[str]) -> str:
    """Variant of the student who is called one of `names`; empty where nobody is."""
    folded = [_fold(name) for name in names]
    return next((aliases[name] for name in folded if name and name in aliases), "")


def read_handed_out(folder: Path) -> HandedOut:
    """What was given to whom, of the pool in `folder`; nothing where there is no such file.

    Raises:
        UsageError: if the file is damaged.
    """
    path = folder / HANDED_OUT_FILE
    try:
        return HandedOut.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return HandedOut()
    except ValueError as error:
        step = "bring it back from a backup: it says which variant each student has"
        raise UsageError(f"{path} cannot be read; {step}") from error


def write_handed_out(folder: Path, given: HandedOut) -> None:
    """Keep who was given what; for staff only."""
    content = (given.model_dump_json(indent=1) + "\n").encode()
    write_whole(folder / HANDED_OUT_FILE, content, mode=0o600)
