"""A repository whose bytes are damaged on purpose, in every way and every place, and mended again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def two_versions(template: Path, root: Path) -> Held:
    """A copy of the template with a second version of `notes`, both on a remote."""
    shutil.copytree(template, root, symlinks=True)
    call("git", "update-index", "-q", "--refresh", cwd=root)
    repo = Scratch(root)
    repo.records("data/notes/more.jsonl", numbered(30, start=100))
    repo.dsv("bump", "notes")
    repo.dsv("remote", "add", "storage", "../storage", "--default")
    call("git", "init", "-q", "--bare", "../origin.git", cwd=root)
    repo.git("remote", "add", "origin", "../origin.git")
    repo.dsv("push")
    return Held(repo, repo.json("show", "notes@1.1.0"))
