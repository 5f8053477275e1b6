"""What people read, in their language: English message ids, Korean catalogs.

Catalogs are the `.po` files in `templates/locale/<language>/`, all merged; one per package that
writes text. A course folder is not asked: wording is ours.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = ("ko", "en")


def find_templates() -> Path:
    """Folder of the templates: inside an installed package, at the repository's top otherwise."""
    package = Path(__file__).parent / "templates"
    return package if package.is_dir() else Path(__file__).parent.parent / "templates"


@cache
def load_catalog(language: str) -> dict[str, str]:
    """Message id to text in `language`; empty for English, the language of the ids."""
    texts: dict[str, str] = {}
    for path in sorted((find_templates() / "locale" / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if isinstance(message.id, str) and isinstance(message.string, str) and message.id:
                    texts[message.id] = message.string
    return texts


def translate(language: str, message: str, **values: object) -> str:
    """Text of `message` in `language` with `{name}` places filled from `values`.

    A message without a translation is given in English rather than not at all.
    """
    text = load_catalog(language).get(message) or message
    return text.format(**values) if values else text
