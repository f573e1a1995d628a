"""Damage in every place that holds a version's bytes is found by `verify`, and named."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import dsv
from tests.conftest import Scratch, call, numbered


@dataclass(frozen=True)
class Held:
    """A repository with `notes` in two versions, and where the bytes of the second lie."""

    repo: Scratch
    manifest: Any

    def object(self, oid: str) -> Path:
        """The file of an object in DVC's cache."""
        return self.repo.root / ".dvc/cache/files/md5" / oid[:2] / oid[2:]

    def stored(self, oid: str) -> Path:
        """The file of an object on the remote."""
        return self.repo.root.parent / "storage/files/md5" / oid[:2] / oid[2:]

    def shown(self, file: Path) -> str:
        """The path of a file as problems have it."""
        return str(file.relative_to(self.repo.root) if file.is_relative_to(self.repo.root) else file)

    def listed(self, oid: str) -> dict[str, str]:
        """The objects that a list names, by path."""
        return {each["relpath"]: each["md5"] for each in json.loads(self.object(oid).read_bytes())}

    def places(self) -> dict[str, tuple[str, Path, Path]]:
        """Place in a problem, a file there and another of its kind, by a name for the test."""
        data, index = (self.manifest["digests"][each].removeprefix("md5:") for each in ("dvc", "index"))
        files, packs = self.listed(data), self.listed(index)
        return {
            "an object": ("cache", self.object(files["train.jsonl"]), self.object(files["test.jsonl"])),
            "the list of files": ("cache", self.object(data), self.object(index)),
            "a pack": ("index", self.object(packs["records-00.pack"]), self.object(packs["SHA256SUMS"])),
            "the list of the index": ("index", self.object(index), self.object(data)),
            "the index in the work tree": (
                "index",
                self.repo.root / "manifests/notes/index/1.1.0/records-00.pack",
                self.repo.root / "manifests/notes/index/1.1.0/SHA256SUMS",
            ),
            "a file of the work tree": (
                "work",
                self.repo.root / "data/notes/train.jsonl",
                self.repo.root / "data/notes/test.jsonl",
            ),
            "an object of the remote": ("remote", self.stored(files["train.jsonl"]), self.stored(files["test.jsonl"])),
            "the list on the remote": ("remote", self.stored(data), self.stored(index)),
            "a pack on the remote": ("remote", self.stored(packs["records-00.pack"]), self.stored(packs["SHA256SUMS"])),
        }

    def verified(self, *references: str, **options: Any) -> dict[str, Any]:
        """What verify says of a version, the second unless told otherwise."""
        [result] = dsv.open(self.repo.root).verify(*(references or ("notes@1.1.0",)), **options).document()["results"]
        return result


@contextmanager
def dvc_repository(repo: Scratch) -> Iterator[Any]:
    """Plain DVC, as its own commands use it."""
    from dvc.repo import Repo

    with Repo(str(repo.root)) as plain:
        yield plain


def flipped(file: Path, _: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    replaced(file, bytes(content))


def truncated(file: Path, _: Path) -> None:
    replaced(file, file.read_bytes()[:-3])


def swapped(file: Path, other: Path) -> None:
    one, two = file.read_bytes(), other.read_bytes()
    replaced(file, two)
    replaced(other, one)


def deleted(file: Path, _: Path) -> None:
    file.unlink()


def disguised(file: Path, other: Path) -> None:
    """Other bytes of the same size, with the same times and mode."""
    before = file.stat()
    flipped(file, other)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(file: Path, content: bytes) -> None:
    mode = file.stat().st_mode
    file.chmod(0o644)
    file.write_bytes(content)
    file.chmod(mode)


WAYS = [flipped, truncated, swapped, deleted, disguised]


@contextmanager
def mended_afterwards(*files: Path) -> Iterator[None]:
    """Bytes, times and modes of the files, as they were."""
    before = [(file, file.read_bytes(), file.stat()) for file in files]
    yield
    for file, content, status in before:
        file.unlink(missing_ok=True)
        file.write_bytes(content)
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
        file.chmod(status.st_mode)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Held:
    root = tmp_path_factory.mktemp("damage") / "repo"
    shutil.copytree(_templates["released"], root, symlinks=True)
    call("git", "update-index", "-q", "--refresh", cwd=root)
    repo = Scratch(root)
    repo.records("data/notes/more.jsonl", numbered(30, start=100))
    repo.dsv("bump", "notes")
    repo.dsv("remote", "add", "storage", "../storage", "--default")
    with dvc_repository(repo) as plain:
        plain.push(all_tags=True)
    found = Held(repo, repo.json("show", "notes@1.1.0"))
    assert found.verified(deep=True)["ok"]
    return found


HERE = ["an object", "the list of files", "a pack", "the list of the index", "the index in the work tree"]
THERE = ["an object of the remote", "the list on the remote", "a pack on the remote"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("where", [*HERE, "a file of the work tree", *THERE])
def test_damage_is_found_and_named(held: Held, where: str, way: Callable[[Path, Path], None]) -> None:
    place, file, other = held.places()[where]
    with mended_afterwards(file, other):
        way(file, other)
        result = held.verified(deep=True, remote=where in THERE)
    assert not result["ok"]
    [problem] = [each for each in result["problems"] if (each["place"], each["path"]) == (place, held.shown(file))]
    assert problem["kind"] == ("missing" if way is deleted else "mismatch")
    assert problem["expected"].startswith("md5:")
    assert (problem["actual"] is None) == (way is deleted)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("where", [*HERE, *THERE])
def test_damage_is_repaired_from_another_place_and_kept_aside(
    held: Held, where: str, way: Callable[[Path, Path], None]
) -> None:
    place, file, other = held.places()[where]
    good, tree = file.read_bytes(), held.repo.tree("data")
    with mended_afterwards(file, other):
        way(file, other)
        bad = file.read_bytes() if file.exists() else None
        opened, remote = dsv.open(held.repo.root), where in THERE
        document = opened.verify("notes@1.1.0", deep=True, remote=remote, repair=True).document()
        assert document["ok"]
        assert file.read_bytes() == good
        assert held.verified(deep=True, remote=remote)["ok"]
    [done] = [each for each in document["repaired"] if each["path"] == held.shown(file)]
    assert (done["place"], done["ref"]) == (place, "notes@1.1.0")
    assert done["from"] in ("work tree", "data", "cache")
    if bad is not None:
        assert (held.repo.root / done["quarantine"]).read_bytes() == bad
        assert done["quarantine"].startswith(document["quarantine"])
    assert held.repo.tree("data") == tree


def test_a_file_that_rotted_is_repaired_and_one_that_somebody_edited_is_not(held: Held) -> None:
    rotten, edited = (held.repo.root / "data/notes" / name for name in ("train.jsonl", "test.jsonl"))
    with mended_afterwards(rotten, edited):
        good = rotten.read_bytes()
        disguised(rotten, edited)
        edited.write_bytes(edited.read_bytes() + b'{"id": "mine"}\n')
        mine = edited.read_bytes()
        document = dsv.open(held.repo.root).verify("notes@1.1.0", deep=True, repair=True).document()
        assert (rotten.read_bytes() == good, edited.read_bytes() == mine) == (True, True)
    [problem] = document["results"][0]["problems"]
    assert (problem["path"], problem["touched"]) == ("data/notes/test.jsonl", True)
    [done] = document["repaired"]
    assert (done["place"], done["path"], done["from"]) == ("work", "data/notes/train.jsonl", "cache")
