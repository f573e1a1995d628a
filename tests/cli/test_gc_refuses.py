"""`dsv gc` does nothing where it cannot be certain of what is needed: every situation of that kind, tried once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.collecting import going, objects, pointer, stray, stray_list
from tests.conftest import Scratch, call

Situation = Callable[[Scratch], Scratch]


@pytest.fixture(scope="module")
def published(_templates: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with `hub.git` and `repo`, which has pushed all it has, and one object that nothing needs."""
    top = tmp_path_factory.mktemp("published")
    repo = Scratch(Path(shutil.copytree(_templates["released"], top / "repo", symlinks=True)))
    repo.git("update-index", "-q", "--refresh")
    call("git", "init", "-q", "--bare", "-b", "main", str(top / "hub.git"), cwd=top)
    repo.git("remote", "add", "origin", "../hub.git")
    repo.git("switch", "-q", "-c", "topic")
    repo.write("topic.dvc", pointer(stray(repo, "of the topic"), "topic"))
    _commit(repo)
    repo.git("switch", "-q", "main")
    repo.git("push", "-q", "--all", "origin")
    repo.git("push", "-q", "--tags", "origin")
    stray(repo, "junk")
    return top


def _commit(repo: Scratch) -> None:
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "work")


def _cloned(repo: Scratch, *options: str) -> Scratch:
    """A clone with the objects of the repository in its cache."""
    target = repo.root.parent / "clone"
    call("git", "clone", "-q", *options, f"file://{repo.root.parent}/hub.git", str(target), cwd=repo.root)
    shutil.copytree(repo.root / ".dvc/cache", target / ".dvc/cache")
    return Scratch(target)


def shallow(repo: Scratch) -> Scratch:
    return _cloned(repo, "--depth", "1", "--no-single-branch")


def single_branch(repo: Scratch) -> Scratch:
    return _cloned(repo, "--single-branch")


def without_tags(repo: Scratch) -> Scratch:
    return _cloned(repo, "--no-tags")


def others_pushed_since(repo: Scratch) -> Scratch:
    other = _cloned(repo)
    other.write("theirs.dvc", pointer("a" * 32, "theirs"))
    _commit(other)
    other.git("push", "-q")
    return repo


def without_an_answer(repo: Scratch) -> Scratch:
    (repo.root.parent / "hub.git").rename(repo.root.parent / "moved.git")
    return repo


def broken_ref(repo: Scratch) -> Scratch:
    repo.write(".git/refs/heads/broken", "nonsense\n")
    return repo


def lost_blob(repo: Scratch) -> Scratch:
    blob = repo.git("rev-parse", "topic:topic.dvc").strip()
    (repo.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    return repo


def bad_manifest_in_the_past(repo: Scratch) -> Scratch:
    repo.write("manifests/notes/1.1.0.yaml", "schema: 1\ndataset: [notes\n")
    _commit(repo)
    repo.git("rm", "-q", "manifests/notes/1.1.0.yaml")
    repo.git("commit", "-q", "-m", "gone")
    return repo


def bad_manifest_in_the_work_tree(repo: Scratch) -> Scratch:
    repo.write("manifests/notes/1.1.0.yaml", repo.read("manifests/notes/1.0.0.yaml")[:300])
    return repo


def cut_pointer_in_a_stash(repo: Scratch) -> Scratch:
    repo.write("data/notes.dvc", repo.read("data/notes.dvc")[:30])
    repo.git("stash", "-q")
    return repo


def pointer_without_a_path(repo: Scratch) -> Scratch:
    text = repo.read("data/notes.dvc")
    repo.write("data/notes.dvc", text[: text.index(".dir")])
    return repo


def lost_list_of_a_version(repo: Scratch) -> Scratch:
    for each in (repo.root / ".dvc/cache/files/md5").glob("*/*.dir"):
        each.unlink()
    return repo


def lost_list_of_a_pointer(repo: Scratch) -> Scratch:
    repo.write("old.dvc", pointer("b" * 32 + ".dir", "old"))
    return repo


def damaged_list(repo: Scratch) -> Scratch:
    for each in (repo.root / ".dvc/cache/files/md5").glob("*/*.dir"):
        each.chmod(0o644)
        each.write_bytes(each.read_bytes()[:-20])
    return repo


def merge_under_way(repo: Scratch) -> Scratch:
    repo.git("merge", "-q", "--no-commit", "--no-ff", "topic")
    return repo


def merge_under_way_elsewhere(repo: Scratch) -> Scratch:
    linked = Scratch(repo.root.parent / "linked")
    repo.git("worktree", "add", "-q", "--detach", str(linked.root))
    linked.git("merge", "-q", "--no-commit", "--no-ff", "topic")
    return repo


def interrupted_elsewhere(repo: Scratch) -> Scratch:
    repo.git("worktree", "add", "-q", "--detach", str(repo.root.parent / "linked"))
    repo.write(".git/worktrees/linked/dsv/journal.json", "{}")
    return repo


def work_tree_that_is_gone(repo: Scratch) -> Scratch:
    repo.git("worktree", "add", "-q", "--detach", str(repo.root.parent / "linked"))
    shutil.rmtree(repo.root.parent / "linked")
    return repo


@pytest.mark.parametrize(
    ("situation", "refusal", "words"),
    [
        (shallow, (20, "incomplete"), "shallow"),
        (single_branch, (20, "incomplete"), "heads/topic"),
        (without_tags, (20, "incomplete"), "tags/notes@v1.0.0"),
        (others_pushed_since, (20, "incomplete"), "heads/main"),
        (without_an_answer, (10, "no_remote"), "hub.git"),
        (broken_ref, (20, "incomplete"), "refs/heads/broken"),
        (lost_blob, (40, "missing_data"), "topic.dvc"),
        (bad_manifest_in_the_past, (30, "manifest"), "manifests/notes/1.1.0.yaml"),
        (bad_manifest_in_the_work_tree, (30, "manifest"), "manifests/notes/1.1.0.yaml"),
        (cut_pointer_in_a_stash, (30, "manifest"), "data/notes.dvc"),
        (pointer_without_a_path, (30, "manifest"), "data/notes.dvc"),
        (lost_list_of_a_version, (40, "missing_data"), "notes@1.0.0"),
        (lost_list_of_a_pointer, (40, "missing_data"), "old.dvc"),
        (damaged_list, (40, "mismatch"), ".dir"),
        (merge_under_way, (20, "in_progress"), "a merge"),
        (merge_under_way_elsewhere, (20, "in_progress"), "linked"),
        (interrupted_elsewhere, (20, "in_progress"), "linked"),
        (work_tree_that_is_gone, (20, "incomplete"), "linked"),
    ],
)
def test_nothing_goes_while_what_is_needed_is_not_known_for_certain(
    published: Path, tmp_path: Path, situation: Situation, refusal: tuple[int, str], words: str
) -> None:
    shutil.copytree(published, tmp_path / "all", symlinks=True)
    repo = situation(Scratch(tmp_path / "all/repo"))
    before = objects(repo)
    assert before
    error = repo.json("gc", "--apply", "--older-than", "0", code=refusal[0])["error"]
    assert (error["code"], error["kind"], words in error["message"]) == (*refusal, True), error
    assert error["hint"]
    assert objects(repo) == before


def test_a_clone_that_has_everything_collects_and_brings_the_lists_that_it_lacks(
    published: Path, tmp_path: Path
) -> None:
    shutil.copytree(published, tmp_path / "all", symlinks=True)
    repo = Scratch(tmp_path / "all/repo")
    repo.dsv("remote", "add", "store", str(tmp_path / "store"), "--default")
    shutil.copytree(repo.root / ".dvc/cache/files", tmp_path / "store/files")
    repo.git("push", "-q", "origin", "main")
    clone = _cloned(repo)
    lists = {each for each in objects(clone) if each.endswith(".dir")}
    for each in lists:
        (clone.root / ".dvc/cache/files/md5" / each[:2] / each[2:]).unlink()
    assert len(going(clone)) == 1
    assert lists <= objects(clone)


def test_what_is_lost_for_good_can_be_accepted_unless_a_version_needs_it(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "all", symlinks=True)
    repo = Scratch(tmp_path / "all/repo")
    lost_list_of_a_pointer(repo)
    cut_pointer_in_a_stash(repo)
    assert len(going(repo, "--accept-lost")) == 1
    lost_list_of_a_version(repo)
    assert repo.dsv("gc", "--accept-lost", code=40).stderr.count("dsv remove") == 1
    repo.dsv("remove", "notes@1.0.0", "--reason", "lost with the old disk")
    assert repo.dsv("gc", "--accept-lost", "--older-than", "0").code == 0


def test_an_import_that_was_never_brought_here_does_not_stand_in_the_way(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "all", symlinks=True)
    repo = Scratch(tmp_path / "all/repo")
    repo.write("imported.dvc", "deps:\n- path: x\n  repo:\n    url: x\n" + pointer("c" * 32 + ".dir", "imported"))
    repo.write("private.dvc", pointer("d" * 32 + ".dir", "private", more="  push: false\n"))
    repo.write("later.dvc", "deps:\n- path: x\n  repo:\n    url: x\nouts:\n- hash: md5\n  path: later\n")
    gone = stray_list(repo, {"x": "not needed"})
    assert gone in going(repo)
