"""Zips and folders: links, ways out, bombs, lies about sizes."""

from __future__ import annotations

import io
import os
import socket
import stat
import struct
import zipfile
from pathlib import Path

from tests.hostile.attack import make_notebook
from tests.hostile.bundles import HONEST_Q1

WRONG = make_notebook([HONEST_Q1], "q1")
_LINK = (stat.S_IFLNK | 0o777) << 16


def _pack(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def _special(name: str, attributes: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, attributes
    return info


def zip_with_a_link_to_a_secret(folder, targets):
    """A link in a zip names the grader's file with answers."""
    link = _special("answers.txt", _LINK)
    show = "print(open('answers.txt').read())"
    return _pack(
        folder / "kim.zip",
        ("a.ipynb", make_notebook([show, HONEST_Q1], "q1")),
        (link, str(targets["secret_file"]).encode()),
    )


def zip_whose_notebook_is_a_link(folder, targets):
    """The notebook itself is a link to the grader's file."""
    link = _special("a.ipynb", _LINK)
    return _pack(folder / "kim.zip", (link, str(targets["secret_file"]).encode()))


def zip_with_ways_up(folder, targets):
    """Members lead out of the folder by `..`, from the start and from within."""
    names = (
        "../up.txt",
        "a/../../up.txt",
        "..\\up.txt",
        "./../../../../tmp/up.txt",
        "a/./../../x/up.txt",
    )
    return _pack(folder / "kim.zip", ("a.ipynb", WRONG), *((name, b"owned") for name in names))


def zip_with_absolute_paths(folder, targets):
    """Members name places from the root of the disk, in the manner of Unix and of Windows."""
    place = f"{targets['canaries']}/owned"
    names = (
        place,
        f"/{place}",
        "C:/owned",
        "C:\\owned",
        "\\\\server\\share\\owned",
        "//owned",
        "c:owned",
    )
    return _pack(folder / "kim.zip", ("a.ipynb", WRONG), *((name, b"owned") for name in names))


def zip_with_a_way_up_in_the_notebook(folder, targets):
    """The only notebook lies above the zip's own folder."""
    return _pack(folder / "kim.zip", ("../../other.ipynb", WRONG))


def zip_with_devices(folder, targets):
    """Members that are devices, pipes and sockets."""
    kinds = (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFDIR)
    members = [(_special(f"d{kind}", (kind | 0o666) << 16), b"x") for kind in kinds]
    return _pack(folder / "kim.zip", ("a.ipynb", WRONG), *members)


def zip_bomb(folder, targets):
    """Ten gigabytes of zeros, a thousand times smaller when packed."""
    path = folder / "kim.zip"
    block = b"\0" * 2**20
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("a.ipynb", WRONG)
        for number in range(5):
            with archive.open(f"zeros{number}.bin", "w", force_zip64=True) as member:
                for _ in range(200):
                    member.write(block)
    return path


def zip_bomb_as_notebook(folder, targets):
    """The notebook unpacks to a gigabyte."""
    path = folder / "kim.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("a.ipynb", "w", force_zip64=True) as member,
    ):
        for _ in range(1000):
            member.write(b" " * 2**20)
    return path


def zips_in_zips(folder, targets):
    """Ten zips in each of ten zips in each of ten zips, and so on, with a notebook at the end."""
    content, name = WRONG, "a.ipynb"
    for depth in range(6):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(10):
                archive.writestr(f"{number}-{name}", content)
        content, name = buffer.getvalue(), f"{depth}.zip"
    path = folder / "kim.zip"
    path.write_bytes(content)
    return path


def zip_with_too_many_members(folder, targets):
    """Two hundred thousand empty members."""
    path = folder / "kim.zip"
    member = (
        b"PK\x01\x02"
        + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
        + b"a"
    )
    count = 200_000
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, len(member) * count, 0, 0)
    path.write_bytes(member * count + end)
    return path


def zip_that_lies_about_sizes(folder, targets):
    """Members say that they are small, and overlap one another."""
    path = _pack(folder / "kim.zip", ("a.ipynb", WRONG + b" " * 10**6))
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.index(mark) + place
        content[start : start + 4] = struct.pack("<I", 10)
    path.write_bytes(bytes(content))
    return path


def zip_with_the_same_name_twice(folder, targets):
    """Names that are the same twice, and the same on a file system that folds case."""
    right = b"def double(x): return 2 * x"
    return _pack(
        folder / "kim.zip",
        ("a.ipynb", WRONG),
        ("./a.ipynb", WRONG),
        ("A.ipynb", WRONG),
        ("a.ipynb/double.py", right),
    )


def zip_with_a_password(folder, targets):
    """A member that is locked with a password."""
    path = _pack(folder / "kim.zip", ("a.ipynb", WRONG))
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    path.write_bytes(bytes(content))
    return path


def folder_with_links(folder, targets):
    """A folder upload with links: to the secret, to its parent, to itself, to nothing, and a pipe."""
    kim = folder / "kim"
    kim.mkdir()
    show = "import os\nfor name in os.listdir():\n    print(name, open(name).read()) if os.path.isfile(name) else None"
    (kim / "a.ipynb").write_bytes(make_notebook([show, HONEST_Q1], "q1"))
    (kim / "answers.txt").symlink_to(str(targets["secret_file"]))
    (kim / "b.ipynb").symlink_to(str(targets["secret_file"]))
    (kim / "up").symlink_to("..")
    (kim / "round").symlink_to("round")
    (kim / "course").symlink_to(str(targets["bundle"]))
    os.mkfifo(kim / "pipe.ipynb")
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(kim / "s.py"))
    return kim


def given_data_replaced(folder, targets):
    """Files beside the notebook take the names of the given data and of modules."""
    code = b"import builtins; builtins.owned = True\nraise SystemExit('owned')"
    names = (
        "data/train.npz",
        "numpy.py",
        "json.py",
        "keras/__init__.py",
        "autograder/__init__.py",
        "sitecustomize.py",
        "ipykernel/__init__.py",
        "conftest.py",
        "k.json",
        "bundle.json",
        "hidden/hidden.npz",
    )
    return _pack(folder / "kim.zip", ("a.ipynb", WRONG), *((name, code) for name in names))


def folders_where_files_are(folder, targets):
    """A member is a file and a folder at the same time; another has a path a thousand parts deep."""
    return _pack(
        folder / "kim.zip",
        ("a.ipynb", WRONG),
        ("data", b"x"),
        ("data/inner", b"x"),
        ("/".join(["d"] * 1000) + "/x", b"x"),
        ("x" * 5000, b"x"),
        ("a.ipynb/inner", b"x"),
    )
