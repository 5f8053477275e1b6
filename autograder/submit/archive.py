"""Lists and reads zip files from strangers, in memory; nothing is unpacked to a disk.

Members with absolute paths, `..`, links and devices are not listed. Names without the UTF-8 mark
are tried as UTF-8, then as Korean Windows writes them. Left out: formats other than zip.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO

from autograder.errors import SubmissionError
from autograder.language import translate
from autograder.submit.tree import FileEntry, clean_path, decode_name

MAX_MEMBERS = 100_000
MAX_MEMBER_BYTES = 100_000_000
DENSE_BYTES = 20_000_000
DENSE_RATIO = 200
CHUNK = 1 << 20
MEMBER_MARK = b"PK\x01\x02"
UTF8_FLAG, ENCRYPTED_FLAG = 0x800, 0x1
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    ValueError,
)


@contextmanager
def open_zip(file: BinaryIO, name: str, language: str) -> Iterator[list[FileEntry]]:
    """Files of the zip in `file`, in path order; readable while the context is open.

    Raises:
        SubmissionError: in the student's language, if it is damaged or has too many members.
    """
    if _count_members(file) > MAX_MEMBERS:
        raise SubmissionError(
            translate(
                language,
                "{file} holds more than {limit} files. Upload only your notebook (.ipynb).",
                file=name,
                limit=MAX_MEMBERS,
            )
        )
    try:
        archive = zipfile.ZipFile(file)
    except DAMAGE as error:
        raise _damaged(name, language) from error
    with archive:
        yield _list_members(archive, name, language)


def _count_members(file: BinaryIO) -> int:
    """Upper bound on the members, before zipfile builds an object for each."""
    count, tail = 0, b""
    file.seek(0)
    while chunk := file.read(CHUNK):
        count += (tail + chunk).count(MEMBER_MARK)
        tail = chunk[-len(MEMBER_MARK) + 1 :]
    file.seek(0)
    return count


def _list_members(archive: zipfile.ZipFile, name: str, language: str) -> list[FileEntry]:
    entries = {}
    for info in archive.infolist():
        path = None if _is_special(info) else clean_path(_name_of(info))
        if path is not None:
            read = partial(_read_member, archive, info, language)
            entries[path] = FileEntry(path, info.file_size, read, f"{name}/{path}")
    return [entries[path] for path in sorted(entries)]


def _name_of(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & UTF8_FLAG:
        return info.orig_filename
    return decode_name(info.orig_filename.encode("cp437"))


def _is_special(info: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(info.external_attr >> 16)
    return info.orig_filename.endswith(("/", "\\")) or kind not in (0, stat.S_IFREG)


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, language: str) -> bytes:
    name = _name_of(info)
    _refuse_unreadable(info, name, language)
    try:
        with archive.open(info) as stream:
            return stream.read(info.file_size + 1)
    except (*DAMAGE, RuntimeError) as error:
        raise _damaged(name, language) from error


def _refuse_unreadable(info: zipfile.ZipInfo, name: str, language: str) -> None:
    if info.flag_bits & ENCRYPTED_FLAG:
        message = "{file} is locked with a password. Upload it again without a password."
    elif info.compress_type not in METHODS:
        message = (
            "{file} is packed in a way that cannot be read here. "
            "Upload your notebook (.ipynb) itself, without packing it."
        )
    elif info.file_size > MAX_MEMBER_BYTES or _is_dense(info):
        message = (
            "{file} unpacks to far more data than a notebook has. "
            "Upload your notebook (.ipynb) itself, without packing it."
        )
    else:
        return
    raise SubmissionError(translate(language, message, file=name))


def _is_dense(info: zipfile.ZipInfo) -> bool:
    return info.file_size > max(DENSE_BYTES, DENSE_RATIO * info.compress_size)


def _damaged(name: str, language: str) -> SubmissionError:
    message = (
        "{file} is damaged and cannot be unpacked. "
        "Make the zip file again, or upload your notebook (.ipynb) itself."
    )
    return SubmissionError(translate(language, message, file=name))
