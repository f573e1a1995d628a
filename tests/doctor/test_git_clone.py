"""git itself, and clones that have less than all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import Scratch, call
from tests.doctor.conftest import Patient


@pytest.fixture
def cloned(pushed: Patient, tmp_path: Path, patients):
    """A function that clones what was pushed."""

    def clone(*options: str) -> Patient:
        target = tmp_path / f"clone{len(list(tmp_path.iterdir()))}"
        origin = f"file://{tmp_path / 'origin.git'}"
        call("git", "clone", "-q", *options, origin, str(target), cwd=tmp_path)
        return patients(Scratch(target))

    return clone


def test_a_fresh_clone_of_what_was_pushed_is_sound(cloned) -> None:
    clone = cloned()
    assert clone.look().findings == []
    clone.repo.dsv("pull")
    assert clone.numbers() == ["D402"]  # apples@1.0.0, which nobody asked for


@pytest.mark.provokes("D201")
def test_a_git_that_is_too_old_is_named(notes: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.which("git")
    old = tmp_path / "bin/git"
    old.parent.mkdir()
    old.write_text(
        f'#!/bin/sh\ncase "$*" in *version) echo "git version 2.30.1";; *) exec {real} "$@";; esac\n'  # as a wrapper
    )
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}{os.pathsep}{os.environ['PATH']}")
    assert notes.numbers() == ["D201"]
    assert "2.30.1" in notes.finding("D201").message


@pytest.mark.provokes("D202")
def test_a_commit_that_git_cannot_read_is_named(notes: Patient) -> None:
    head = notes.repo.git("rev-parse", "HEAD").strip()
    (notes.root / ".git/objects" / head[:2] / head[2:]).unlink()
    assert notes.finding("D202").level.value == "error"
    said = notes.repo.refused("status", code=50, kind="git")  # and does not take the dataset for a new one
    assert head[:10] in said["message"]


@pytest.mark.provokes("D202")
def test_a_tree_that_git_cannot_read_is_named(notes: Patient) -> None:
    tree = notes.repo.git("rev-parse", "HEAD:manifests").strip()
    (notes.root / ".git/objects" / tree[:2] / tree[2:]).unlink()
    assert "D202" in notes.numbers()


@pytest.mark.provokes("D203")
def test_a_clone_whose_source_of_objects_was_moved_is_told(notes: Patient, tmp_path: Path, patients) -> None:
    call("git", "clone", "-q", "--shared", str(notes.root), str(tmp_path / "shared"), cwd=tmp_path)
    notes.root.rename(tmp_path / "moved")
    shared = patients(Scratch(tmp_path / "shared"))
    assert str(notes.root) in shared.finding("D203").message


@pytest.mark.provokes("D204")
def test_a_shallow_clone_is_told(cloned) -> None:
    clone = cloned("--depth", "1", "--no-single-branch")
    assert "D204" in clone.numbers()
    call("sh", "-c", clone.finding("D204").fix, cwd=clone.root)
    assert clone.numbers() == []


@pytest.mark.provokes("D205")
def test_a_single_branch_clone_is_told_and_the_command_given_mends_it(cloned, pushed: Patient) -> None:
    pushed.repo.git("switch", "-qc", "next")
    pushed.repo.write("data/pears.jsonl", '{"id": "new"}\n')
    pushed.repo.dsv("bump", "pears")
    pushed.repo.dsv("push")
    clone = cloned("--single-branch", "--branch", "main")
    assert "D205" in clone.numbers()
    call("sh", "-c", clone.finding("D205").fix, cwd=clone.root)
    assert clone.numbers() == []
    assert "pears@v2.0.0" in clone.repo.git("tag")


@pytest.mark.provokes("D206")
def test_tags_that_are_on_the_remote_and_not_here_are_brought(pushed: Patient) -> None:
    before = pushed.repo.git("for-each-ref", "refs/tags")
    pushed.repo.git("tag", "-d", "apples@v1.0.0", "pears@v1.0.0")
    assert "2 release tags" in pushed.finding("D206").message
    pushed.is_mended("D206")
    assert pushed.repo.git("for-each-ref", "refs/tags") == before


@pytest.mark.provokes("D207")
def test_a_clone_without_tags_is_told_and_the_command_given_mends_it(cloned) -> None:
    clone = cloned("--no-tags")
    assert {"D206", "D207"} <= set(clone.numbers())
    call("sh", "-c", clone.finding("D207").fix, cwd=clone.root)
    assert clone.numbers() == []


@pytest.mark.provokes("D208")
def test_a_tag_that_the_remote_has_otherwise_is_an_error_that_people_settle(pushed: Patient) -> None:
    pushed.repo.git("tag", "-f", "-a", "-m", "Mine", "apples@v1.1.0", "HEAD")
    assert "apples@v1.1.0" in pushed.finding("D208").message
    pushed.fix()
    assert "D208" in pushed.numbers()


@pytest.mark.provokes("D209")
def test_a_git_that_does_not_know_who_commits_is_told(notes: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    assert notes.numbers() == ["D209"]


@pytest.mark.provokes("D210")
def test_a_linked_work_tree_that_was_moved_is_told(notes: Patient, tmp_path: Path) -> None:
    notes.repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    assert notes.numbers() == []
    (tmp_path / "linked").rename(tmp_path / "elsewhere")
    assert str(tmp_path / "linked") in notes.finding("D210").message
    notes.repo.git("worktree", "repair", str(tmp_path / "elsewhere"))
    assert notes.numbers() == []


def test_a_repository_that_was_moved_or_copied_is_as_sound_as_before(notes: Patient, tmp_path: Path, patients) -> None:
    shutil.copytree(notes.root, tmp_path / "copied", symlinks=True)
    notes.root.rename(tmp_path / "moved")
    for name in ("copied", "moved"):
        assert patients(Scratch(tmp_path / name)).numbers() == []
        Scratch(tmp_path / name).dsv("status", "--exit-code")
