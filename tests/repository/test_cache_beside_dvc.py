"""What `dsv add` and `dsv bump` leave in DVC's cache, byte for byte beside what `dvc add` leaves for the same data."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.conftest import Scratch, call

ODD = {
    "a b  c.jsonl": b'{"a":1}\n',
    unicodedata.normalize("NFC", "é.txt"): b"2",
    unicodedata.normalize("NFD", "é.txt"): b"3",
    "new\nline": b"4",
    "back\\slash": b"5",
    "-leading": b"6",
    "'quote\".json": b"7",
    "日本/😀.csv": b"a,b\n1,2\n",
    "tab\there\x01": b"9",
    "empty": b"",
    "other/empty.jsonl": b"",
    "same": b"a\n",
    "sub/same": b"a\n",
}
LARGE = {
    # over a MiB, which is read and copied in blocks
    "a.jsonl": b'{"text":"' + b"x" * 1000 + b'"}\n',
    "b.bin": bytes(range(256)),
    "c.csv": b"id,text\n" + b"1,some text\n" * 200_000,
}
LARGE["a.jsonl"] *= 1500
LARGE["b.bin"] *= 5000


def many(count: int) -> dict[str, bytes]:
    """So many small files, every tenth with the bytes of another."""
    return {f"{number % 37:02d}/{number}.json": b'{"n": %d}\n' % (number - number % 10) for number in range(count)}


def filled(scratch: Scratch, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        scratch.write(f"data/{path}", content)


def dsv(scratch: Scratch, *arguments: str) -> None:
    """Run in a process of its own, which may fork others to read many files."""
    call(sys.executable, "-m", "dsv", *arguments, cwd=scratch.root)


def objects(root: Path, pointer: str = "data.dvc") -> dict[str, tuple[int, bytes]]:
    """Mode and bytes of each object that the pointer leads to."""
    oid = yaml.safe_load((root / pointer).read_text())["outs"][0]["md5"]
    cache = root / ".dvc/cache/files/md5"

    def at(name: str) -> Path:
        return cache / name[:2] / name[2:]

    names = {oid}
    if oid.endswith(".dir"):
        names |= {entry["md5"] for entry in json.loads(at(oid).read_bytes())}
    return {name: (stat.S_IMODE(at(name).stat().st_mode), at(name).read_bytes()) for name in sorted(names)}


def beside(tmp_path: Path, scratch: Scratch) -> Path:
    """A plain DVC repository with the same data."""
    theirs = tmp_path / "theirs"
    if not theirs.exists():
        theirs.mkdir()
        subprocess.run(["git", "init", "-q", "."], cwd=theirs, check=True)
        Scratch(theirs).dvc("init", "-q")
    shutil.rmtree(theirs / "data", ignore_errors=True)
    shutil.copytree(scratch.root / "data", theirs / "data")
    Scratch(theirs).dvc("add", "-q", "data")
    return theirs


def assert_the_same(scratch: Scratch, theirs: Path) -> None:
    ours = scratch.root
    assert (ours / "data.dvc").read_bytes() == (theirs / "data.dvc").read_bytes()
    assert objects(ours) == objects(theirs)
    assert [path.name for path in (ours / ".dvc/cache/files").iterdir()] == ["md5"]
    assert "up to date" in Scratch(ours).dvc("status")


@pytest.mark.heavy
@pytest.mark.parametrize("files", [ODD, LARGE, many(10_000)], ids=["odd", "large", "many"])
def test_what_was_copied_while_it_was_read_is_what_dvc_copies(
    repo: Scratch, tmp_path: Path, files: Mapping[str, bytes]
) -> None:
    filled(repo, files)
    theirs = beside(tmp_path, repo)
    dsv(repo, "add", "data")
    assert_the_same(repo, theirs)


@pytest.mark.heavy
def test_of_changed_data_only_what_is_new_is_written(repo: Scratch, tmp_path: Path) -> None:
    filled(repo, {**many(200), **LARGE})
    dsv(repo, "add", "data")
    before = {path: path.stat().st_ino for path in (repo.root / ".dvc/cache/files/md5").rglob("*") if path.is_file()}
    filled(repo, {"00/0.json": b'{"n": "new"}\n', "00/37.json": b'{"n": 40}\n', "b.bin": LARGE["b.bin"][1:]})
    dsv(repo, "bump", "data")
    assert_the_same(repo, beside(tmp_path, repo))
    filled(repo, {"b.bin": LARGE["b.bin"]})  # which the cache has
    dsv(repo, "bump", "data")
    assert_the_same(repo, beside(tmp_path, repo))
    assert {path: path.stat().st_ino for path in before} == before


@pytest.mark.heavy
def test_under_a_strict_umask_objects_are_readable_as_dvc_makes_them(repo: Scratch, tmp_path: Path) -> None:
    filled(repo, {**many(20), **LARGE})
    before = os.umask(0o077)
    try:
        theirs = beside(tmp_path, repo)
        dsv(repo, "add", "data")
    finally:
        os.umask(before)
    assert_the_same(repo, theirs)


@pytest.mark.parametrize("why", ["a record that does not parse", "a file that a rule hides", "a dry run"])
def test_a_release_that_is_refused_leaves_no_copies(repo: Scratch, why: str) -> None:
    filled(repo, {"a.jsonl": b'{"a":1}\n' + (b"{" if "parse" in why else b""), "b.bin": b"\x00\x01"})
    if "rule" in why:
        repo.write(".dvcignore", "*.bin\n")
    repo.dsv("add", "data", *(["--dry-run"] if "dry" in why else []), code=None)
    cache = repo.root / ".dvc/cache"
    assert [path for path in cache.rglob("*") if path.is_file()] == []
    assert not list(cache.rglob("dsv-*"))
