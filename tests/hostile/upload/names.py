"""Names of files and students: what file systems, terminals, pages and spreadsheets choke on."""

from __future__ import annotations

import os
import unicodedata
import zipfile
from pathlib import Path

from tests.hostile.attack import make_notebook
from tests.hostile.bundles import HONEST_Q1

WRONG = make_notebook([HONEST_Q1], "q1")


def _write(folder: Path, *names: str | bytes) -> Path:
    for name in names:
        raw = name.encode() if isinstance(name, str) else name
        (folder / os.fsdecode(raw)).write_bytes(WRONG)
    return folder


def _pack(folder: Path, *names: str) -> Path:
    """Names that no file system of ours would take, as a zip of one notebook each."""
    path = folder / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, WRONG)
    return path


def names_with_control_characters(folder, targets):
    """Names with escape codes, bells, line breaks and deletions."""
    return _write(
        folder,
        "\x1b[2J\x1b]0;owned\x07kim.ipynb",
        "lee\n=1+1\r\tx.ipynb",
        "\x7f\x01park\x9b31m.ipynb",
    )


def names_of_300_characters(folder, targets):
    """Names of 300 characters, some of which take four bytes."""
    return _pack(
        folder,
        "a" * 300 + ".ipynb",
        "가" * 300 + ".ipynb",
        "😀" * 300 + ".ipynb",
        "a" * 300 + "b.ipynb",
    )


def names_in_two_normal_forms(folder, targets):
    """The same Korean name as macOS and as Windows write it, twice in one class."""
    name = "김민수.ipynb"
    return _write(folder, unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name))


def names_with_quotes(folder, targets):
    """Names with spaces, quotes, shell commands and patterns."""
    return _write(
        folder,
        "a b'c\"d.ipynb",
        "$(touch owned).ipynb",
        "`id`;x&y|z.ipynb",
        "*?[!].ipynb",
        "%s%n{0}.ipynb",
        "~root.ipynb",
    )


def names_with_a_leading_dash(folder, targets):
    """Names that look like options."""
    return _write(folder, "-rf.ipynb", "--output=owned.ipynb", "-.ipynb", "--.ipynb")


def names_that_are_formulas(folder, targets):
    """Names that a spreadsheet would run, also in the wide forms of East Asia."""
    return _write(
        folder,
        "=cmd|' !C calc'!A0.ipynb",
        "+1+cmd.ipynb",
        "@SUM(1).ipynb",
        "-2+3.ipynb",
        "＝HYPERLINK(1).ipynb",
        "\t=1.ipynb",
        " =1.ipynb",
    )


def names_that_are_markup(folder, targets):
    """Names that a page or a terminal would run."""
    return _pack(
        folder,
        "<script>alert(1)<!script>.ipynb".replace("!", "\u2215"),
        "<img src=x onerror=alert(1)>.ipynb",
        '"><svg onload=alert(1)>.ipynb',
        "[link=javascript:alert(1)]x[!link].ipynb",
        "[red]kim[bold].ipynb",
        "{{ 7*7 }}{% raise %}.ipynb",
        "javascript:alert(1).ipynb",
    )


def names_written_backwards(folder, targets):
    """Names with marks that turn and hide text: two students who look the same."""
    return _write(
        folder,
        "kim\u202ebnypi.ipynb",
        "kim\u200b.ipynb",
        "kim\u2066.ipynb",
        "\ufeffkim.ipynb",
        "kim.ipynb",
        "\u2067\u202d.ipynb",
    )


def names_of_our_own_files(folder, targets):
    """Names that the output has already: the class page, the grades, results, history, Windows devices."""
    return _write(
        folder,
        "class.html.ipynb",
        "grades.csv.ipynb",
        "result.json.ipynb",
        "history.ipynb",
        ".ipynb",
        "...ipynb",
        "CON.ipynb",
        "nul.ipynb",
        "honest2.ipynb",
        "HONEST2.ipynb",
    )


def names_that_are_no_text(folder, targets):
    """Names in bytes that are no text in any alphabet."""
    return _write(
        folder,
        b"\xff\xfe\xb1\xe8.ipynb",
        b"\x80.ipynb",
        b"\xc0\xaf..\xc0\xaf.ipynb",
        b"\xed\xa0\x80.ipynb",
    )


def names_of_a_platform(folder, targets):
    """Names in the form of a learning platform's download, with an id and a student that are none."""
    return _write(
        folder,
        "kimminsu_LATE_99999999999999999999_88888888888888888888_=1+1.ipynb",
        "lee_-1_-2_a.ipynb",
        "<b>park_1_2_a.ipynb",
        "choi_1_3_a-99999999999.ipynb",
    )
