import json
import os
import struct
import unicodedata
import zipfile
from datetime import UTC, datetime

import pytest

from autograder.errors import UsageError
from autograder.submit import find_submissions, find_uploads


def notebook(*sources, checks=()):
    sources = [*(sources or ["x = 1"]), *(f'grader.check("{name}")' for name in checks)]
    cells = [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": []} for source in sources
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}).encode()


def write(folder, files):
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


def pack(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def packed(tmp_path, files):
    return pack(tmp_path / "packed.tmp", files).read_bytes()


def students(submissions):
    return {item.student: item for item in submissions}


def test_one_notebook_is_one_submission_named_after_its_stem(tmp_path):
    file = tmp_path / "a01_김민수.ipynb"
    file.write_bytes(notebook())
    [found] = find_submissions([file], "ko")
    assert (found.name, found.student) == ("a01_김민수", "a01_김민수")
    assert found.notebook == notebook()
    assert found.problem is None
    assert found.source == file


def test_missing_paths_are_all_named(tmp_path):
    with pytest.raises(UsageError, match=r"gone\.ipynb.*lost\.zip"):
        find_submissions([tmp_path / "gone.ipynb", tmp_path / "lost.zip"], "en")


def test_folder_of_notebooks_is_one_submission_each(tmp_path):
    write(tmp_path, {"lee.ipynb": notebook(), "kim.ipynb": notebook(), "grades.csv": b"x"})
    found = find_submissions([tmp_path], "ko")
    assert [item.name for item in found] == ["kim", "lee"]
    assert all(item.files == {} for item in found)


def test_folder_per_student_takes_the_files_beside_the_notebook(tmp_path):
    write(
        tmp_path,
        {
            "kim/a01.ipynb": notebook(),
            "kim/helper.py": b"y = 1",
            "kim/data/small.csv": b"1",
            "lee/work/a01.ipynb": notebook(),
            "lee/work/util.py": b"z",
        },
    )
    found = students(find_submissions([tmp_path], "ko"))
    assert found["kim"].files == {"helper.py": b"y = 1", "data/small.csv": b"1"}
    assert found["lee"].files == {"util.py": b"z"}


def test_students_folder_given_itself_is_named_after_it(tmp_path):
    folder = write(tmp_path / "kim", {"a01.ipynb": notebook(), "helper.py": b"y"})
    [found] = find_submissions([folder], "ko")
    assert found.name == "kim"
    assert found.files == {"helper.py": b"y"}


def test_student_folder_without_notebook_is_a_problem_and_the_rest_goes_on(tmp_path):
    write(tmp_path, {"kim/a01.pdf": b"%PDF-1.4", "lee/a01.ipynb": notebook()})
    found = students(find_submissions([tmp_path], "en"))
    assert "holds no notebook" in found["kim"].problem
    assert "a01.pdf" in found["kim"].problem
    assert found["lee"].problem is None


def test_data_folder_beside_loose_notebooks_is_nobodys_submission(tmp_path):
    write(tmp_path, {"kim.ipynb": notebook(), "lee.ipynb": notebook(), "data/train.npz": b"x"})
    assert sorted(students(find_submissions([tmp_path], "ko"))) == ["kim", "lee"]


def test_document_in_a_class_folder_is_a_students_mistake_unless_it_is_an_export(tmp_path):
    write(
        tmp_path,
        {"kim.ipynb": notebook(), "kim.pdf": b"%PDF", "lee.ipynb": notebook(), "park.hwp": b"x"},
    )
    found = students(find_submissions([tmp_path], "en"))
    assert sorted(found) == ["kim", "lee", "park"]
    assert "park.hwp" in found["park"].problem


def test_canvas_download_gives_students_ids_and_lateness(tmp_path):
    files = {
        "kimminsu_12345_67890_a01.ipynb": notebook(),
        "leejiwon_LATE_12346_67891_a01-1.ipynb": notebook(),
        "홍길동_12347_67892_과제 1.ipynb": notebook(),
    }
    found = students(find_submissions([pack(tmp_path / "submissions.zip", files)], "ko"))
    assert sorted(found) == ["kimminsu", "leejiwon", "홍길동"]
    assert found["kimminsu"].name == "kimminsu_12345"
    assert found["kimminsu"].platform_id == "12345"
    assert [found[name].late for name in ("kimminsu", "leejiwon", "홍길동")] == [False, True, False]


def test_canvas_files_of_one_student_are_one_upload(tmp_path):
    folder = write(
        tmp_path,
        {
            "kim_11_100_a01.ipynb": notebook(),
            "kim_11_101_helper.py": b"y",
            "lee_12_102_a01.ipynb": notebook(),
        },
    )
    found = students(find_submissions([folder], "ko"))
    assert found["kim"].files == {"helper.py": b"y"}
    assert len(found) == 2


def test_canvas_files_given_by_a_shell_pattern_are_read_together(tmp_path):
    folder = write(
        tmp_path, {"kim_11_100_a01.ipynb": notebook(), "lee_LATE_12_102_a01.ipynb": notebook()}
    )
    found = students(find_submissions(sorted(folder.iterdir()), "ko"))
    assert found["lee"].late
    assert found["kim"].platform_id == "11"


def test_canvas_anonymous_and_text_entries_are_recognised(tmp_path):
    folder = write(
        tmp_path,
        {
            "anon_Ab3dE_67890_a01.ipynb": notebook(),
            "LATE_anon_Zz9yX_67891_a01.ipynb": notebook(),
            "park_12348_text.html": b"<p>see my page</p>",
        },
    )
    found = students(find_submissions([folder], "en"))
    assert sorted(found) == ["anon_Ab3dE", "anon_Zz9yX", "park"]
    assert found["anon_Zz9yX"].late
    assert found["anon_Ab3dE"].name == "anon_Ab3dE"
    assert "holds no notebook" in found["park"].problem


def test_numbers_that_stand_for_two_names_are_no_canvas_ids(tmp_path):
    names = ["홍길동_2025_1001_a01.ipynb", "이몽룡_2025_1002_a01.ipynb"]
    write(tmp_path, dict.fromkeys(names, notebook()))
    found = find_submissions([tmp_path], "ko")
    assert sorted(item.name for item in found) == [
        "이몽룡_2025_1002_a01",
        "홍길동_2025_1001_a01",
    ]


def test_latest_of_two_canvas_downloads_is_kept_with_its_attempt(tmp_path):
    second = pack(tmp_path / "b.zip", {"kim_11_205_a01.ipynb": notebook("second = 2")})
    first = pack(tmp_path / "a.zip", {"kim_11_100_a01.ipynb": notebook("first = 1")})
    [found] = find_submissions([second, first], "ko")
    assert b"second" in found.notebook
    assert found.attempt == 2


@pytest.mark.parametrize("slash", ["/", "_/", "_"])
def test_moodle_download_gives_full_names(tmp_path, slash):
    files = {
        f"홍 길동_501_assignsubmission_file{slash}a01.ipynb": notebook(),
        f"Ann Lee_502_assignsubmission_file{slash}a01.ipynb": notebook(),
        "Ann Lee_502_assignsubmission_onlinetext/onlinetext.html": b"hi",
        "Bo Kim_503_assignsubmission_onlinetext/onlinetext.html": b"no file",
    }
    found = students(find_submissions([pack(tmp_path / "course-7.zip", files)], "ko"))
    assert sorted(found) == ["Ann Lee", "Bo Kim", "홍 길동"]
    assert found["홍 길동"].name == "홍_길동_501"
    assert found["Ann Lee"].files == {}
    assert "onlinetext.html" in found["Bo Kim"].problem


def test_moodle_folder_of_one_student_is_recognised_alone_and_in_a_download(tmp_path):
    folder = "Ann Lee_502_assignsubmission_file"
    write(tmp_path / "dl", {f"{folder}/a01.ipynb": notebook()})
    for path in (tmp_path / "dl", tmp_path / "dl" / folder):
        [found] = find_submissions([path], "ko")
        assert (found.student, found.platform_id) == ("Ann Lee", "502")


def test_zip_inside_a_moodle_folder_is_opened(tmp_path):
    inner = packed(tmp_path, {"hw/a01.ipynb": notebook(), "hw/helper.py": b"y"})
    folder = write(tmp_path / "dl", {"Ann Lee_502_assignsubmission_file/hw.zip": inner})
    [found] = find_submissions([folder], "ko")
    assert found.notebook == notebook()
    assert found.files == {"helper.py": b"y"}


GRADESCOPE = """\
submission_101:
  :submitters:
  - :name: 김민수
    :sid: '2025001'
    :email: kim@example.org
  :created_at: 2025-03-04 05:06:07.123456789 Z
  :score: 0.0
  :status: processed
  :history:
  - :id: 99
    :created_at: 2025-03-03 00:00:00.0 Z
submission_102:
  :submitters:
  - :name: Ann Lee
    :sid: '2025002'
    :email: ann@example.org
  - :name: Bo Kim
    :sid: '2025003'
    :email: bo@example.org
"""


def test_gradescope_export_gives_people_times_and_attempts(tmp_path):
    root = "assignment_7_export"
    files = {
        f"{root}/submission_metadata.yml": GRADESCOPE.encode(),
        f"{root}/submission_101/a01.ipynb": notebook(),
        f"{root}/submission_102/a01.ipynb": notebook(),
        f"{root}/submission_103/a01.ipynb": notebook(),
        f"__MACOSX/{root}/._submission_metadata.yml": b"x",
    }
    found = students(find_submissions([pack(tmp_path / "export.zip", files)], "ko"))
    assert sorted(found) == ["Ann Lee, Bo Kim", "submission_103", "김민수"]
    kim = found["김민수"]
    assert (kim.name, kim.email, kim.attempt) == ("김민수_2025001", "kim@example.org", 2)
    assert kim.submitted_at == datetime(2025, 3, 4, 5, 6, 7, 123456, tzinfo=UTC)


def test_gradescope_export_with_damaged_metadata_is_read_by_folder(tmp_path):
    folder = write(
        tmp_path,
        {
            "submission_metadata.yml": b"{: [",
            "submission_1/a.ipynb": notebook(),
            "submission_2/a.ipynb": notebook(),
        },
    )
    assert [item.student for item in find_submissions([folder], "ko")] == [
        "submission_1",
        "submission_2",
    ]


def test_what_otter_exports_is_one_submission_named_after_the_zip(tmp_path):
    files = {
        "a01_digits.ipynb": notebook(checks=["q1"]),
        "notes.ipynb": notebook(),
        "a01_digits.pdf": b"%PDF",
        ".OTTER_LOG": b"\x80pickle",
        "__zip_filename__": b"a01_digits_2025.zip",
    }
    [found] = find_submissions([pack(tmp_path / "a01_digits_2025.zip", files)], "ko")
    assert found.name == "a01_digits_2025"
    assert found.notebook == notebook(checks=["q1"])
    assert found.files == {"a01_digits.pdf": b"%PDF"}


def test_zip_of_student_folders_is_one_submission_each(tmp_path):
    files = {f"class/{who}/a01.ipynb": notebook() for who in ("kim", "lee")}
    found = find_submissions([pack(tmp_path / "class.zip", files)], "ko")
    assert [item.name for item in found] == ["kim", "lee"]


def test_folder_of_zips_is_one_submission_each(tmp_path):
    for who in ("kim", "lee"):
        pack(tmp_path / f"{who}.zip", {"work/a01.ipynb": notebook()})
    assert sorted(students(find_submissions([tmp_path], "ko"))) == ["kim", "lee"]


def test_of_several_notebooks_the_one_with_checks_is_graded_and_the_student_is_told(tmp_path):
    write(
        tmp_path / "kim",
        {
            "a01.ipynb": notebook(checks=["q1", "q2"]),
            "big.ipynb": notebook("x = 1" * 1000),
            "broken.ipynb": b"{",
        },
    )
    write(tmp_path / "lee", {"a01.ipynb": notebook()})
    found = students(find_submissions([tmp_path], "en"))
    assert found["kim"].notebook == notebook(checks=["q1", "q2"])
    [notice] = found["kim"].notices
    assert notice.startswith("Your upload holds 3 notebooks; a01.ipynb was graded.")
    assert found["lee"].notices == ()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"%PDF-1.7 ...", "not a notebook but a PDF file"),
        (b"\n<!DOCTYPE html><html>", "not a notebook but a HTML file"),
        (b"PK\x03\x04....", "not a notebook but a ZIP file"),
        (b'{"a": 1}', "JSON file without cells"),
        (b'{"cells": [{"cell_type"', "is damaged"),
        (b"\xff\xfe\x00\xd8", "is damaged"),
        (b"[" * 200_000, "is damaged"),
        (b'{"cells": [], "nbformat": 4}', "has no code cells"),
    ],
)
def test_file_that_is_no_notebook_says_what_it_is(tmp_path, content, text):
    file = tmp_path / "kim.ipynb"
    file.write_bytes(content)
    [found] = find_submissions([file], "en")
    assert found.notebook is None
    assert text in found.problem
    assert "kim.ipynb" in found.problem


def test_problem_is_told_in_korean(tmp_path):
    (tmp_path / "kim.ipynb").write_bytes(b"")
    [found] = find_submissions([tmp_path / "kim.ipynb"], "ko")
    assert found.problem.startswith("kim.ipynb 파일이 비어 있습니다")


def test_wrong_file_given_by_name_is_a_problem(tmp_path):
    (tmp_path / "kim.py").write_bytes(b"print(1)")
    [found] = find_submissions([tmp_path / "kim.py"], "en")
    assert "only: kim.py" in found.problem


def test_notebook_that_is_too_large_is_not_read(tmp_path):
    file = tmp_path / "kim.ipynb"
    with file.open("wb") as handle:
        handle.truncate(51_000_000)
    [found] = find_submissions([file], "en")
    assert "has 51 MB; at most 50 MB" in found.problem


@pytest.mark.parametrize("name", ["kim.ipynb.txt", "kim.ipynb.json", "kim.IPYNB"])
def test_endings_that_browsers_add_are_accepted(tmp_path, name):
    (tmp_path / name).write_bytes(notebook())
    [found] = find_submissions([tmp_path / name], "ko")
    assert (found.name, found.problem) == ("kim", None)


def test_decomposed_korean_names_of_macs_are_composed(tmp_path):
    name = unicodedata.normalize("NFD", "홍길동_11_22_과제.ipynb")
    files = {name: notebook(), f"__MACOSX/._{name}": b"x", ".DS_Store": b"x"}
    [found] = find_submissions([pack(tmp_path / "mac.zip", files)], "ko")
    assert (found.student, found.name) == ("홍길동", "홍길동_11")


def test_korean_names_of_windows_zips_are_read(tmp_path):
    file = pack(tmp_path / "win.zip", {"AAAAAA/a.ipynb": notebook(), "BBBBBB/a.ipynb": notebook()})
    raw = file.read_bytes().replace(b"AAAAAA", "홍길동".encode("cp949"))
    file.write_bytes(raw.replace(b"BBBBBB/", "이몽룡".encode("cp949") + b"\\"))
    found = find_submissions([file], "ko")
    assert [item.student for item in found] == ["이몽룡", "홍길동"]
    assert all(item.problem is None for item in found)


def test_checkpoints_and_hidden_files_are_ignored(tmp_path):
    write(
        tmp_path,
        {
            "kim/a01.ipynb": notebook("mine = 1"),
            "kim/.ipynb_checkpoints/a01-checkpoint.ipynb": notebook("old = 1" * 99),
            "kim/.env": b"x",
            "lee/a01.ipynb": notebook(),
        },
    )
    found = students(find_submissions([tmp_path], "ko"))
    assert b"mine" in found["kim"].notebook
    assert found["kim"].files == {}
    assert found["kim"].notices == ()


def test_paths_that_lead_outside_are_not_listed(tmp_path):
    hostile = ["/etc/a.py", "../a.py", "x/../../b.py", "C:\\c.py", "..\\d.py", "\\\\host\\e.py"]
    file = pack(tmp_path / "kim.zip", {"a01.ipynb": notebook(), **dict.fromkeys(hostile, b"x")})
    [found] = find_submissions([file], "ko")
    assert found.problem is None
    assert found.files == {}


def test_links_are_not_followed(tmp_path):
    (tmp_path / "secret.txt").write_bytes(b"secret")
    folder = write(tmp_path / "kim", {"a01.ipynb": notebook()})
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    zipped = tmp_path / "lee.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("a01.ipynb", notebook())
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(tmp_path / "secret.txt"))
    assert [item.files for item in find_submissions([folder, zipped], "ko")] == [{}, {}]


def test_zip_bomb_is_refused_and_the_batch_goes_on(tmp_path):
    bomb = packed(tmp_path, {"a01.ipynb": b" " * 45_000_000})
    folder = write(tmp_path / "class", {"kim.zip": bomb, "lee.ipynb": notebook()})
    found = students(find_submissions([folder], "en"))
    assert len(bomb) < 100_000
    assert "far more data than a notebook has" in found["kim"].problem
    assert found["lee"].problem is None


def test_zip_whose_header_lies_about_sizes_is_damaged_not_unpacked(tmp_path):
    raw = bytearray(packed(tmp_path, {"a01.ipynb": b" " * 30_000_000}))
    central = raw.index(b"PK\x01\x02")
    raw[central + 24 : central + 28] = struct.pack("<I", 100)
    (tmp_path / "kim.zip").write_bytes(raw)
    [found] = find_submissions([tmp_path / "kim.zip"], "en")
    assert "kim" in found.name
    assert "damaged" in found.problem


def test_zip_with_too_many_members_is_refused_before_it_is_listed(tmp_path):
    file = pack(tmp_path / "kim.zip", {"a01.ipynb": notebook()})
    file.write_bytes(b"PK\x01\x02" * 100_001 + file.read_bytes())
    [found] = find_submissions([file], "en")
    assert "more than 100000 files" in found.problem


def test_data_beyond_the_limit_is_left_out_and_the_notebook_graded(tmp_path):
    folder = write(tmp_path / "kim", {"a01.ipynb": notebook(), "small.csv": b"1"})
    with (folder / "weights.h5").open("wb") as handle:
        handle.truncate(101_000_000)
    [found] = find_submissions([folder], "en")
    assert found.problem is None
    assert found.files == {"small.csv": b"1"}
    assert "1 files of your upload were left out" in found.notices[0]


def test_file_where_another_file_needs_a_folder_is_left_out(tmp_path):
    files = {
        "a01.ipynb": notebook(),
        "data": b"file",
        "data/x.csv": b"1",
        "n" * 300 + ".py": b"too long to write",
    }
    [found] = find_submissions([pack(tmp_path / "kim.zip", files)], "en")
    assert found.files == {"data/x.csv": b"1"}
    assert found.notices[0].startswith("2 files")


@pytest.mark.parametrize(
    ("flag", "method", "text"), [(1, 8, "locked with a password"), (0, 97, "cannot be read here")]
)
def test_member_that_cannot_be_read_says_why(tmp_path, flag, method, text):
    raw = bytearray(packed(tmp_path, {"a01.ipynb": notebook()}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.index(mark) + offset
        raw[at : at + 4] = struct.pack("<HH", flag, method)
    (tmp_path / "kim.zip").write_bytes(raw)
    [found] = find_submissions([tmp_path / "kim.zip"], "en")
    assert text in found.problem


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04" + b"\0" * 50])
def test_corrupt_zip_is_a_problem_of_its_own_submission(tmp_path, content):
    folder = write(tmp_path / "class", {"kim.zip": content, "lee.ipynb": notebook()})
    (tmp_path / "park.zip").write_bytes(content)
    found = students(find_submissions([folder, tmp_path / "park.zip"], "en"))
    assert "damaged and cannot be unpacked" in found["kim"].problem
    assert "damaged and cannot be unpacked" in found["park"].problem
    assert found["lee"].problem is None


def test_truncated_member_is_a_problem_not_an_exception(tmp_path):
    raw = bytearray(packed(tmp_path, {"a01.ipynb": notebook("x = 1" * 500)}))
    raw[60:70] = b"\xff" * 10
    (tmp_path / "kim.zip").write_bytes(raw)
    [found] = find_submissions([tmp_path / "kim.zip"], "en")
    assert "damaged" in found.problem


HOSTILE_NAMES = [
    "-rf.ipynb",
    "new\nline\x07.ipynb",
    "spaces (1) 'quoted' \"both\".ipynb",
    "CON.ipynb",
    "=cmd|calc.ipynb",
    "\u202egnp.ipynb",
    "C:kim.ipynb",
    "back\\slash.ipynb",
    "긴" * 80 + ".ipynb",
    "x" * 240 + ".ipynb",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_file_name_gives_a_safe_name_and_loses_nobody(tmp_path, name):
    file = tmp_path / name
    file.write_bytes(notebook())
    for given in (file, tmp_path):
        [found] = find_submissions([given], "ko")
        assert found.problem is None
        assert found.name.isprintable()
        assert not set("/\\:*?\"'<>|. \n()=") & set(found.name)
        assert found.name[0] not in "-."
        assert found.name.casefold() != "con"
        assert len(found.name) <= 100
        assert len(found.name.encode()) <= 200
        assert not any(unicodedata.category(mark).startswith("C") for mark in found.student)
        found.model_dump_json(exclude={"notebook", "files"})


def test_name_that_is_not_utf8_on_the_disk_is_read_as_korean_windows(tmp_path):
    raw = os.fsencode(tmp_path) + b"/" + "홍길동".encode("cp949") + b".ipynb"
    with open(raw, "wb") as handle:  # noqa: PTH123  the name is bytes
        handle.write(notebook())
    [found] = find_submissions([tmp_path], "ko")
    assert found.student == "홍길동"


def test_name_of_300_characters_in_a_zip_loses_nobody(tmp_path):
    files = {"k" * 300 + ".ipynb": notebook(), "lee.ipynb": notebook()}
    found = find_submissions([pack(tmp_path / "class.zip", files)], "ko")
    assert [len(item.name) for item in found] == [100, 3]


def test_equal_names_get_numbers_in_the_order_given(tmp_path):
    paths = []
    for folder, name in (("a", "kim"), ("b", "KIM"), ("c", "kim-2"), ("d", "kim")):
        write(tmp_path / folder, {f"{name}.ipynb": notebook()})
        paths.append(tmp_path / folder / f"{name}.ipynb")
    names = [item.name for item in find_submissions(paths, "ko")]
    assert names == ["kim", "KIM-2", "kim-2-2", "kim-3"]


def test_path_given_twice_is_one_submission(tmp_path):
    write(tmp_path, {"kim.ipynb": notebook()})
    assert len(find_submissions([tmp_path / "kim.ipynb"] * 2, "ko")) == 1


def test_empty_folder_is_a_problem(tmp_path):
    (tmp_path / "kim").mkdir()
    [found] = find_submissions([tmp_path / "kim"], "en")
    assert (found.name, found.problem) == (
        "kim",
        "Your upload holds no files. Upload your notebook (.ipynb).",
    )


def test_names_are_known_before_anything_is_read_and_each_pass_reads_anew(tmp_path):
    files = {"kim.ipynb": notebook("1"), "lee.ipynb": notebook("2")}
    zipped = pack(tmp_path / "class.zip", files)
    uploads = find_uploads([zipped], "ko")
    assert uploads.names == ["kim", "lee"]
    assert [item.name for item in uploads] == [item.name for item in uploads] == uploads.names
    zipped.write_bytes(b"no zip any more")
    assert all(item.problem for item in uploads)
