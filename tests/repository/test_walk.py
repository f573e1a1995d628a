"""The files of a dataset: every one that can be versioned, none that cannot, and nothing opened."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from dsv.errors import NoPathError, UnsupportedFileError
from dsv.repository.contents.walk import walk


def test_every_regular_file_is_found_by_its_path_in_byte_order(tmp_path: Path) -> None:
    for name in ("b", "a/z", "a.txt", "é", "B", ".hidden", "a/deep/er", "\N{HIRAGANA LETTER A}", "with space"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (tmp_path / "empty").mkdir()
    found = [file.path for file in walk(str(tmp_path), shown="data")]
    assert found == [
        ".hidden", "B", "a.txt", "a/deep/er", "a/z", "b", "with space", "é", "\N{HIRAGANA LETTER A}",
    ]  # fmt: skip


def test_a_file_is_known_by_what_differs_when_it_was_touched(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("one")
    [before] = walk(str(tmp_path), shown="data")
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    file.write_text("two")
    os.utime(file, ns=times)
    [after] = walk(str(tmp_path), shown="data")
    assert (before.size, before.modified, before.inode) == (after.size, after.modified, after.inode)
    assert before.changed != after.changed
    assert before.signature != after.signature


def test_data_that_is_one_file_has_its_name_as_path(tmp_path: Path) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_text("{}")
    [found] = walk(str(file), shown="notes.jsonl")
    assert (found.path, found.source, found.size) == ("notes.jsonl", str(file), 2)


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoPathError, match="data/gone does not exist"):
        walk(str(tmp_path / "gone"), shown="data/gone")


def link(path: Path) -> None:
    path.symlink_to("elsewhere")


def link_to_directory(path: Path) -> None:
    (path.parent / "real").mkdir()
    path.symlink_to("real")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    before = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(before)


@pytest.mark.parametrize(
    ("name", "make", "problem"),
    [
        ("sub/a", link, r"'sub/a' is a symbolic link"),
        ("sub/a", link_to_directory, r"'sub/a' is a symbolic link"),
        ("sub/a", pipe, r"'sub/a' is no regular file"),
        ("a", listening, r"'a' is no regular file"),
        ("sub/.git", Path.mkdir, r"'sub/.git' is a repository of its own"),
        (".dvc", Path.mkdir, r"'.dvc' is a repository of its own"),
        ("sub/.git", Path.touch, r"'sub/.git' is a repository of its own"),
        ("sub/.dvcignore", Path.touch, r"'sub/.dvcignore' would hide files from DVC"),
        ("sub/" + os.fsdecode(b"caf\xe9"), Path.touch, r"has a name that is not UTF-8"),
    ],
)
def test_what_cannot_be_versioned_is_refused_by_name(
    tmp_path: Path, name: str, make: Callable[[Path], None], problem: str
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "good").write_text("x")
    make(tmp_path / name)
    with pytest.raises(UnsupportedFileError, match=problem) as caught:
        walk(str(tmp_path), shown="data")
    assert caught.value.details["count"] == 1
    assert caught.value.message.isprintable()


def test_a_data_path_that_is_itself_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "data").symlink_to("real")
    with pytest.raises(UnsupportedFileError, match="'data' is a symbolic link"):
        walk(str(tmp_path / "data"), shown="data")


def test_of_many_problems_the_first_is_told_the_first_ten_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    for number in range(12):
        link(tmp_path / f"link{number:02}")
    with pytest.raises(UnsupportedFileError, match=r"'link00' is a symbolic link \(and 11 more\)") as caught:
        walk(str(tmp_path), shown="data")
    assert caught.value.details["count"] == 12
    assert [problem.split()[0] for problem in caught.value.details["problems"]] == [
        f"'link{number:02}'" for number in range(10)
    ]
