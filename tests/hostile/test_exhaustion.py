"""Files that stand for more than there is memory or time: refused by name, before anybody waits for them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from dsv.adapters.dvc import find_cache
from dsv.adapters.dvc.directory import LARGEST, parse_directory_object, read_directory_object
from dsv.errors import MismatchError, OutsideError
from dsv.model.decoding import MAXIMUM_BYTES

if TYPE_CHECKING:
    from tests.conftest import Scratch

MD5 = "0" * 32
NINE = ", ".join(["*{}"] * 9)
BOMB = "  - &b0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"  - &b{number} [{NINE.format(*[f'b{number - 1}'] * 9)}]\n" for number in range(1, 10)
)


def listing(*paths: str) -> tuple[bytes, str]:
    """A list of files, and the name that it has."""
    data = json.dumps([{"md5": MD5, "relpath": path} for path in paths]).encode()
    return data, hashlib.md5(data).hexdigest() + ".dir"


@pytest.mark.parametrize(
    "path",
    [".git ", "a/.GIT/hooks/pre-commit", "git~1/config", ".g\u200cit/config", ".git\\config", ".git:x", "b/.hg/hgrc",
     ".dvc/config", "d/" * 3000 + "x", "../x", "/x", "a//b", "a\0b"],
    ids=ascii,
)  # fmt: skip
def test_a_list_of_files_names_nothing_that_somebody_acts_on(path: str) -> None:
    data, oid = listing("a", path)
    with pytest.raises(OutsideError) as refused:
        parse_directory_object(data, oid=oid)
    assert len(refused.value.message) < 300


def test_names_that_only_look_so_are_names(released: Scratch) -> None:
    names = [".gitignore", ".gitlab/x", "a.git", "git", "-rf", "~", "x/.dvcx", "Case", "case", "a\nb"]
    data, oid = listing(*names)
    assert [path for path, _ in parse_directory_object(data, oid=oid)] == sorted(names)


def test_deep_paths_are_looked_at_in_one_pass() -> None:
    data, oid = listing(*(f"{'d/' * 1900}{number}" for number in range(500)))
    assert len(parse_directory_object(data, oid=oid)) == 500


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 200_000,
        b'[{"md5":' * 100_000,
        b"\xff",
        b"[null]",
        b'{"a": 1}',
        b"[" + b"[]," * 10_000_000,
        listing("\udcff")[0],
    ],
    ids=len,
)
def test_a_list_of_files_that_is_none_is_named(data: bytes) -> None:
    with pytest.raises(MismatchError):
        parse_directory_object(data, oid=hashlib.md5(data).hexdigest() + ".dir")


def test_a_list_of_files_without_end_is_not_read(released: Scratch) -> None:
    cache, oid = find_cache(str(released.root)), f"{MD5}.dir"
    os.makedirs(os.path.dirname(cache.path_of(oid)), exist_ok=True)
    with open(cache.path_of(oid), "wb") as stream:
        stream.truncate(LARGEST + 1)
    with pytest.raises(MismatchError, match="at most"):
        read_directory_object(cache, oid)


def test_texts_without_end_are_cut_off_and_refused(released: Scratch) -> None:
    released.write("manifests/notes/2.0.0.yaml", b" " * (MAXIMUM_BYTES * 4))
    released.git("add", "manifests")
    released.git("commit", "-qm", "Spaces")
    (released.root / "manifests/notes/2.0.0.yaml").unlink()
    released.dsv("list")
    assert "at most" in released.refused("show", "notes@2.0.0", code=30, kind="manifest")["message"]
    released.write("dsv.yaml", b"#" * (MAXIMUM_BYTES + 1))
    assert "at most" in released.refused("status", code=30, kind="manifest")["message"]


def test_a_pipeline_that_stands_for_more_than_memory_holds_is_refused(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", [{"id": 1}])
    stage = "stages:\n  a:\n    cmd: x\n    outs: [o]\n"
    matrix = "".join(f"      m{number}: {json.dumps(list(range(60)))}\n" for number in range(6))
    for text, more in (
        (f"{stage}vars:\n{BOMB}", ""),
        (f"{stage}vars: [{'[],' * 1_000_000}]\n", ""),
        (f"stages:\n  a:\n    matrix:\n{matrix}    cmd: x\n    outs: [o]\n", ""),
        (stage, f"x:\n{BOMB}"),
        (f"{stage}vars: [more.yaml]\n", f"x:\n{BOMB}"),
    ):
        repo.write("dvc.yaml", text)
        for file in ("params.yaml", "more.yaml"):
            repo.write(file, more) if more else (repo.root / file).unlink(missing_ok=True)
        repo.refused("add", "data/notes", code=30, kind="manifest")
    shutil.copyfile(repo.root / "more.yaml", repo.root / "dvc.yaml")
    assert not repo.json("doctor", code=1)["ok"]


def test_an_ignore_rule_that_would_be_tried_for_ever_is_named(repo: Scratch) -> None:
    repo.write(f"data/notes/{'a' * 200}.jsonl", '{"id": 1}\n')
    repo.write(".dvcignore", f"# rules\n{'*a' * 12}*b\n")
    error = repo.refused("add", "data/notes", code=30, kind="unsupported_file")
    assert ".dvcignore:2" in error["message"]
    repo.write(".dvcignore", "**/*.tmp\n*_*_*.log\n/build/**/x\n")
    repo.dsv("add", "data/notes")
