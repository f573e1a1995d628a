"""Links that a repository brings along lead nothing outside of it: neither what is read nor what is written."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Scratch

LINKED = {
    "data": (["checkout", "notes@1.0.0"], ["checkout", "notes", "--force"], ["status"], ["bump", "notes"]),
    "manifests": (["bump", "notes"], ["yank", "notes@1.0.0", "--reason", "x"]),
    "manifests/notes": (["bump", "notes"],),
    "manifests/notes/index": (["bump", "notes"],),
    "manifests/notes/index/1.0.1": (["bump", "notes"],),
    "manifests/notes/events": (["yank", "notes@1.0.0", "--reason", "x"],),
    "manifests/.schemas": (["init"],),
    ".github": (["init", "--ci", "github"],),
    ".dvc/tmp": (["bump", "notes"], ["doctor"]),
    ".dvc/cache": (["bump", "notes"],),
    ".dvc/cache/files": (["bump", "notes"],),
}


@pytest.mark.parametrize("path", LINKED)
def test_a_link_that_a_repository_brings_along_is_not_followed(changed: Scratch, outside: Path, path: str) -> None:
    place = changed.root / path
    if place.exists():
        shutil.rmtree(place)
    os.symlink(outside, place)
    changed.git("add", "--force", path, check=False)
    for command in LINKED[path]:
        error = changed.refused(*command, code=30, kind="outside")
        assert path in error["message"]


def test_a_link_in_the_place_of_a_file_is_not_written_through(changed: Scratch, outside: Path) -> None:
    for path in ("dvc.yaml", "data/.gitignore"):
        content = changed.read(path)
        (changed.root / path).unlink()
        os.symlink(outside / "new", changed.root / path)
        changed.refused("bump", "notes", code=30, kind="outside")
        (changed.root / path).unlink()
        changed.write(path, content)
    changed.dsv("bump", "notes")


def test_a_cache_that_its_owner_has_put_elsewhere_is_used(changed: Scratch, tmp_path: Path) -> None:
    shutil.move(changed.root / ".dvc/cache", tmp_path / "big")
    os.symlink(tmp_path / "big", changed.root / ".dvc/cache")
    changed.dsv("bump", "notes")


def test_a_device_in_the_place_of_a_text_is_not_read(released: Scratch) -> None:
    for path, code in {"dsv.yaml": 30, "data/notes.dvc": 30, "manifests/notes/dataset.yaml": 30}.items():
        content = released.read(path)
        (released.root / path).unlink()
        os.symlink("/dev/zero", released.root / path)
        error = released.dsv("status", "notes", "--json", code=None)
        assert error.code in (0, code)
        assert error.code == 0 or "is no regular file" in error.error["message"]
        (released.root / path).unlink()
        released.write(path, content)
