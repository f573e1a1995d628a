"""No command deletes a released version's only copy: with no remote, DVC's cache is where it is."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.collecting import objects, stray, trash
from tests.conftest import Scratch, numbered


@pytest.fixture(scope="module")
def template(_templates: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`notes` at 1.0.0 and 1.1.0, data that git tracks, and an object that nothing needs."""
    repo = Scratch(
        Path(shutil.copytree(_templates["released"], tmp_path_factory.mktemp("kept") / "repo", symlinks=True))
    )
    repo.git("update-index", "-q", "--refresh")
    repo.records("data/tracked/a.jsonl", numbered(3))
    repo.git("add", "data/tracked")
    repo.git("commit", "-q", "-m", "data in git")
    repo.records("data/notes/train.jsonl", [*numbered(80), *numbered(5, start=100)])
    repo.dsv("bump", "notes", "--version", "1.1.0", "--allow-lower", "a test")
    stray(repo, "nothing needs this")
    return repo.root


@pytest.mark.parametrize(
    "command",
    [
        ("undo", "notes@1.1.0"),
        ("checkout", "notes@1.0.0", "--force"),
        ("rollback", "notes", "1.0.0"),
        ("move", "notes", "data/elsewhere"),
        ("rename", "notes", "memos"),
        ("add", "data/tracked", "--untrack"),
        ("yank", "notes@1.0.0", "--reason", "wrong"),
        ("remove", "notes@1.0.0", "--reason", "gone"),
        ("archive", "notes", "--reason", "old"),
        ("doctor", "--fix"),
        ("verify", "--all", "--deep", "--repair"),
        ("gc", "--apply", "--older-than", "0"),
        ("gc", "--empty-trash"),
    ],
    ids=" ".join,
)
def test_a_command_leaves_every_object_of_released_versions(
    template: Path, tmp_path: Path, command: Sequence[str]
) -> None:
    repo = Scratch(Path(shutil.copytree(template, tmp_path / "repo", symlinks=True)))
    repo.git("update-index", "-q", "--refresh")
    before = objects(repo)
    junk = stray(repo, "nothing needs this")
    said = repo.dsv(*command, code=None)
    assert said.code in (0, 1, 40), said.stderr  # what doctor and verify find is no failure of theirs
    left = before - {junk}
    assert left <= objects(repo)
    assert all(_md5(repo, oid) == oid.removesuffix(".dir") for oid in left)
    assert junk in objects(repo) | trash(repo).keys()


def test_what_was_undone_survives_a_collection_and_can_be_had_back(template: Path, tmp_path: Path) -> None:
    repo = Scratch(Path(shutil.copytree(template, tmp_path / "repo", symlinks=True)))
    released = repo.git("rev-parse", "HEAD").strip()
    repo.dsv("undo", "notes@1.1.0")
    repo.dsv("checkout", "notes@1.0.0", "--force")
    repo.dsv("gc", "--apply", "--older-than", "0")
    repo.dsv("gc", "--empty-trash")
    repo.git("checkout", "-q", "-f", released)
    repo.dvc("checkout", "-f")
    assert len(repo.read("data/notes/train.jsonl").splitlines()) == 85
    assert repo.json("verify", "notes@1.1.0", "--deep")["ok"] is True


def _md5(repo: Scratch, oid: str) -> str:
    content = (repo.root / ".dvc/cache/files/md5" / oid[:2] / oid[2:]).read_bytes()
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
