"""Data as it comes: records that do not parse, files that are none, names that nobody expects."""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import subprocess
import unicodedata
from typing import TYPE_CHECKING

import pytest

from tests.cli.repository_state import leaves_no_trace
from tests.conftest import numbered

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Scratch

JSON_LINE = b'{"id": "z", "text": "good"}\n'
ODD_NAMES = (
    "a b.txt", " leading", "trailing ", "new\nline", "tab\t", "\x01\x7f", "\x1b[31mred", "-rf", "--", "~", "#", "!x",
    "$(touch hacked)", "`touch hacked`", "a;touch hacked", "a|b&c", "*", "?", "[a]", "{a,b}", "%s", "a:b", "'", '"',
    "\\", "a\\nb", "nfc-\u00e9", "nfd-e\u0301", "\u4e2d\u6587", "\U0001f600", "\u202egpj.exe", "zero\u200bwidth",
    "\u2028", "Case", "case", "CON", "nul.txt", "x" * 255, ".hidden", "...", ".gitignore", ".gitattributes",
    ".gitmodules", "x.dvc", "dvc.yaml", "dvc.lock", "dsv.yaml", "dataset.yaml", ".gitkeep", ".git-not", "HEAD",
)  # fmt: skip


# Records


def test_invalid_records_are_named_by_file_and_line_the_first_ten_and_counted(repo: Scratch) -> None:
    lines = [f'{{"id": "good{number}"}}' if number % 2 else f'{{"id": "bad{number}"' for number in range(1, 31)]
    repo.write("data/notes/a.jsonl", "\n".join(lines))
    error = leaves_no_trace(repo, "add", "data/notes", code=30, kind="record")
    assert error["details"]["count"] == 15
    assert [(each["file"], each["line"]) for each in error["details"]["records"]] == [
        ("a.jsonl", line) for line in range(2, 21, 2)
    ]
    said = repo.dsv("add", "data/notes", code=30).stderr.splitlines()
    assert said[0] == "error: 15 records do not parse:"
    assert [line.split()[0] for line in said[1:11]] == [f"data/notes/a.jsonl:{line}:" for line in range(2, 21, 2)]
    assert said[11] == "  and 5 more"
    assert "--on-bad-record keep" in said[12]


def test_kept_bad_records_stay_in_the_file_and_are_counted_not_recorded(repo: Scratch) -> None:
    content = b'{"id": "a"}\n{"id": \n{"id": "b"}\n\xff\n'
    repo.write("data/notes/a.jsonl", content)
    manifest = repo.json("add", "data/notes", "--key", "id", "--on-bad-record", "keep")["manifest"]
    assert (manifest["data"]["records"], manifest["data"]["bad_records"]) == (2, 2)
    assert repo.json("status")["datasets"][0]["state"] == "clean"
    (repo.root / "data/notes/a.jsonl").write_bytes(content.replace(b'{"id": \n', b""))
    repo.refused("bump", "notes", code=30, kind="record")
    bumped = repo.json("bump", "notes", "--on-bad-record", "keep")
    assert (bumped["version"], bumped["manifest"]["data"]["bad_records"]) == ("1.0.1", 1)
    repo.dsv("checkout", "notes@1.0.0")
    assert repo.tree("data/notes") == {"a.jsonl": content}


UNREADABLE = {
    "utf16.jsonl": "\ufeff{}".encode("utf-16"),
    "cut.jsonl.gz": gzip.compress(JSON_LINE * 1000)[:40],
    "garbage.jsonl.gz": b"not gzip at all",
    "broken.json": b'[{"id": 1}, {"id": ',
    "comments.json": b'{"a": 1, // why\n}',
    "text.json": b"hello",
    "twice.csv": b"a,a\n1,2\n",
}


def test_files_that_cannot_be_read_at_all_are_named_with_the_reason(repo: Scratch) -> None:
    for name, content in UNREADABLE.items():
        repo.write(f"data/notes/{name}", content)
    repo.write("data/notes/good.jsonl", JSON_LINE)
    error = leaves_no_trace(repo, "add", "data/notes", code=30, kind="unreadable")
    found = {each["file"]: each["reason"] for each in error["details"]["files"]}
    assert (error["details"]["count"], sorted(found)) == (len(UNREADABLE), sorted(UNREADABLE))
    assert "UTF-16" in found["utf16.jsonl"]
    assert "cut off" in found["cut.jsonl.gz"]
    assert "line" in found["broken.json"]
    manifest = repo.json("add", "data/notes", "--on-bad-record", "keep")["manifest"]
    assert (manifest["data"]["records"], manifest["data"]["bad_records"]) == (1, len(UNREADABLE))
    assert repo.tree("data/notes") == {**UNREADABLE, "good.jsonl": JSON_LINE}


def test_records_without_the_declared_key_are_named_the_first_ten_and_counted(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", [*numbered(3), *({"text": "no key"} for _ in range(12))])
    error = leaves_no_trace(repo, "add", "data/notes", "--key", "id", code=30, kind="key")
    assert error["details"]["missing"] == 12
    assert error["details"]["first"] == [f"data/notes/a.jsonl record {row}" for row in range(4, 14)]
    assert "12 records lack the key id" in error["message"]


def test_records_that_share_their_key_are_named_the_first_ten_and_counted(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(12))
    repo.records("data/notes/b.jsonl", numbered(12, text="another"))
    error = leaves_no_trace(repo, "add", "data/notes", "--key", "id", code=30, kind="key")
    assert (error["details"]["repeated"], len(error["details"]["first"])) == (12, 10)
    assert error["details"]["first"][0] == "data/notes/b.jsonl record 1 repeats data/notes/a.jsonl record 1"


def test_a_later_version_may_break_the_promise_of_its_key_with_a_reason(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(2, text="again"))
    leaves_no_trace(released, "bump", "notes", code=30, kind="key")
    manifest = released.json("bump", "notes", "--waive", "key=two sources until May")["manifest"]
    assert manifest["validation"]["status"] == "waived"
    assert manifest["validation"]["waived"] == [{"check": "key", "reason": "two sources until May"}]


# Files that are no files


def link_to(target: str) -> Callable[[str], None]:
    return lambda path: os.symlink(target, path)


def make_socket(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        # The path of a socket may have 108 bytes; that of a test's directory has more.
        before = os.getcwd()
        os.chdir(os.path.dirname(path))
        try:
            made.bind(os.path.basename(path))
        finally:
            os.chdir(before)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (link_to("good.jsonl"), "symbolic link"),
        (link_to("/etc/hostname"), "symbolic link"),
        (link_to("nowhere"), "symbolic link"),
        (link_to("odd"), "symbolic link"),
        (link_to("."), "symbolic link"),
        (os.mkfifo, "pipe"),
        (make_socket, "socket"),
    ],
    ids=["link inside", "link outside", "dangling link", "loop", "link to the directory", "pipe", "socket"],
)
def test_links_and_special_files_are_refused_by_name(
    released: Scratch, make: Callable[[str], None], words: str
) -> None:
    make(str(released.root / "data/notes/odd"))
    error = leaves_no_trace(released, "bump", "notes", code=30, kind="unsupported_file")
    assert "'odd'" in error["message"]
    assert words in error["message"]
    (entry,) = released.json("status")["datasets"]
    assert words in entry["problems"][0]


def test_data_behind_a_link_is_not_the_repositorys(repo: Scratch) -> None:
    outside = repo.root.parent / "outside"
    outside.mkdir()
    (outside / "a.jsonl").write_bytes(JSON_LINE)
    repo.records("real/notes/a.jsonl", numbered(1))
    os.symlink(outside, repo.root / "whole")
    os.symlink("real", repo.root / "above")
    os.symlink("nowhere", repo.root / "dangling")
    for path in ("whole", "above/notes", "dangling"):
        error = leaves_no_trace(repo, "add", path, "--name", "notes", code=30, kind="outside")
        assert path in error["message"]


@pytest.mark.parametrize(
    "inner", [".git/config", ".git", "deep/er/.git/config", ".dvc/config", ".hg/hgrc", ".dvcignore"]
)
def test_a_repository_inside_the_data_is_refused_and_never_run(released: Scratch, inner: str) -> None:
    hook = released.write("hook.sh", f"#!/bin/sh\ntouch {released.root}/hacked\n")
    hook.chmod(0o755)
    settings = f"[core]\n\tfsmonitor = {hook}\n\thooksPath = {released.root}\n[cache]\n\tdir = /nowhere\n"
    released.write(f"data/notes/{inner}", settings)
    error = leaves_no_trace(released, "bump", "notes", code=30, kind="unsupported_file")
    assert inner.removesuffix("/config").removesuffix("/hgrc") in error["message"]
    released.dsv("status")
    assert not (released.root / "hacked").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(released: Scratch) -> None:
    secret = released.records("data/notes/secret.jsonl", numbered(1))
    secret.chmod(0)
    assert "secret.jsonl" in released.refused("bump", "notes", code=50, kind="disk")["message"]


# Names


def test_names_that_are_not_utf8_are_refused_and_told_as_utf8(repo: Scratch) -> None:
    directory = repo.root / "data/notes"
    directory.mkdir(parents=True)
    (directory / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"x")
    error = leaves_no_trace(repo, "add", "data/notes", code=30, kind="unsupported_file")
    assert "caf" in error["message"]
    directory.rename(repo.root / os.fsdecode(b"data/caf\xe9"))
    leaves_no_trace(repo, "add", os.fsdecode(b"data/caf\xe9"), "--name", "notes", code=30, kind="unsupported_file")


def test_odd_names_go_round_byte_for_byte(repo: Scratch) -> None:
    directory = repo.root / "data/notes"
    for number, name in enumerate(ODD_NAMES):
        repo.write(f"data/notes/{name}", b"*\n" if name.startswith(".git") else f"content {number}".encode())
        repo.write(f"data/notes/below/{name}/{name}", name.encode())
    for name in ("HEAD", "config", "objects/ab", "refs/heads/main"):
        repo.write(f"data/notes/bare.git/{name}", b"ref: refs/heads/main")
    repo.write("data/notes/labels.jsonl", JSON_LINE)
    before = repo.tree("data/notes")
    assert len(before) == 2 * len(ODD_NAMES) + 5
    manifest = repo.json("add", "data/notes")["manifest"]
    assert manifest["data"]["files"] == len(before)
    assert manifest["digests"]["tree"] == f"sha256:{tree_digest(str(directory))}"
    assert repo.git("status", "--short") == ""
    shutil.rmtree(directory)
    repo.dsv("checkout", "notes")
    assert repo.tree("data/notes") == before
    repo.dsv("checkout", "notes", "--to", "elsewhere")
    assert repo.tree("elsewhere") == before
    assert repo.json("status")["datasets"][0]["state"] == "clean"
    assert not list(repo.root.glob("**/hacked"))
    assert unicodedata.normalize("NFC", "nfd-e\u0301") not in before


def tree_digest(directory: str) -> str:
    """The tree digest as the shell computes it."""
    command = "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 -r sha256sum -- | sha256sum"
    done = subprocess.run(["sh", "-c", command], cwd=directory, capture_output=True, check=True, text=True)
    return done.stdout.split()[0]


@pytest.mark.parametrize("name", ["-rf", "a * [b]?", "#x", "!x", "trailing ", "$(touch hacked) \u00e9"])
def test_the_data_may_lie_in_an_oddly_named_directory(repo: Scratch, name: str) -> None:
    repo.records(f"data/{name}/a.jsonl", numbered(3))
    repo.dsv("add", f"data/{name}", "--name", "odd")
    assert repo.git("status", "--short") == ""
    assert repo.git("check-ignore", "--", f"data/{name}/a.jsonl") != ""
    repo.records(f"data/{name}/a.jsonl", numbered(4))
    assert repo.json("bump", "odd")["version"] == "1.1.0"
    repo.dsv("checkout", "odd@1.0.0")
    assert repo.json("status")["datasets"][0]["at"] == "1.0.0"


def test_what_dvc_and_git_say_in_files_of_the_data_is_data(repo: Scratch) -> None:
    files = {
        ".gitignore": b"*\n",
        ".gitattributes": b"* filter=lfs text\n",
        ".gitmodules": b'[submodule "x"]\n\tpath = x\n\turl = ../x\n',
        "x.dvc": b"outs:\n- path: a.jsonl\n  md5: 0\n",
        "dvc.yaml": b"stages: {run: {cmd: touch hacked}}\n",
        "dvc.lock": b"schema: '2.0'\n",
        "a.jsonl": JSON_LINE,
    }
    for name, content in files.items():
        repo.write(f"data/notes/{name}", content)
    assert repo.json("add", "data/notes")["manifest"]["data"]["files"] == len(files)
    assert repo.json("status")["datasets"][0]["state"] == "clean"
    shutil.rmtree(repo.root / "data/notes")
    repo.dsv("checkout", "notes")
    assert repo.tree("data/notes") == files
    repo.dvc("status", "data/notes.dvc")


def test_modes_and_times_are_not_content(released: Scratch) -> None:
    file = released.root / "data/notes/train.jsonl"
    file.chmod(0o755)
    os.utime(file, (0, 0))
    assert released.json("status")["datasets"][0]["state"] == "clean"
    os.utime(file, (4_102_444_800, 4_102_444_800))
    assert released.json("status")["datasets"][0]["state"] == "clean"
