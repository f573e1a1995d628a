"""git as dsv reads it: discovery, trees, tags, history; and the gits it refuses to work with."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from dsv.adapters.git import Git, HistoryEntry
from dsv.adapters.git.saved_work import bring_back, save_work
from dsv.errors import ConflictError, GitError, NoRepositoryError, NoVersionError, UnsupportedError
from tests.conftest import Scratch, call


def opened(repo: Scratch) -> Git:
    """The adapter on this repository."""
    return Git.discover(str(repo.root))


def commit(repo: Scratch, message: str, **contents: str) -> str:
    """The id of a new commit with these files."""
    for name, content in contents.items():
        repo.write(f"m/{name}", content)
        repo.git("add", f"m/{name}")
    repo.git("commit", "-qm", message, "--allow-empty")
    return repo.git("rev-parse", "HEAD").strip()


def events(found: list[HistoryEntry]) -> list[tuple[str, str, str]]:
    """(status, path, commit) of each."""
    return [(each.status, each.path, each.commit) for each in found]


def test_a_repository_is_found_from_any_place_in_it(scratch: Scratch) -> None:
    inside = scratch.root / "a/b"
    inside.mkdir(parents=True)
    found = Git.discover(str(inside))
    dot_git = str(scratch.root / ".git")
    assert (found.root, found.directory, found.common) == (str(scratch.root), dot_git, dot_git)
    assert Git.discover(str(inside / "not/yet/there")).root == str(scratch.root)


def test_a_linked_worktree_has_its_own_directory_and_shares_the_common_one(scratch: Scratch, tmp_path: Path) -> None:
    commit(scratch, "first")
    scratch.git("worktree", "add", "-q", str(tmp_path / "linked"))
    found = Git.discover(str(tmp_path / "linked"))
    assert found.root == str(tmp_path / "linked")
    assert found.directory == str(scratch.root / ".git/worktrees/linked")
    assert found.common == str(scratch.root / ".git")


def test_where_there_is_no_work_tree_there_is_no_repository(tmp_path: Path) -> None:
    with pytest.raises(NoRepositoryError, match="is not in a git repository"):
        Git.discover(str(tmp_path))
    call("git", "init", "-q", "--bare", "bare", cwd=tmp_path)
    with pytest.raises(NoRepositoryError, match="without a work tree"):
        Git.discover(str(tmp_path / "bare"))


def test_a_repository_with_sha256_ids_is_refused_because_dvc_cannot_read_it(tmp_path: Path) -> None:
    call("git", "init", "-q", "--object-format=sha256", "new", cwd=tmp_path)
    error = Scratch(tmp_path / "new").refused("init", code=50, kind="unsupported")
    assert "SHA-256" in error["message"]
    assert not (tmp_path / "new/.dvc").exists()


def old_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, says: str) -> None:
    """A git first on PATH that claims another version."""
    real = call("sh", "-c", "command -v git", cwd=tmp_path).strip()
    wrapper = tmp_path / "bin/git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\n[ "$3" = version ] && echo "{says}" && exit\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize("says", ["git version 2.35.9", "git version 1.8.3.1", "something else"])
def test_a_git_that_is_too_old_is_refused_before_anything_is_written(
    released: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    released.write("data/notes/more.jsonl", '{"id": "new"}\n')
    old_git(tmp_path, monkeypatch, says=says)
    error = released.refused("bump", "notes", code=50, kind="unsupported")
    assert error["message"] == f"{says} is too old, or unknown"
    assert error["hint"] == "install git 2.36 or newer"
    assert released.json("status")["datasets"][0]["state"] == "changed"


@pytest.mark.parametrize("says", ["git version 2.36.0", "git version 2.39.5 (Apple Git-154)", "git version 3.0.rc1"])
def test_a_git_that_is_new_enough_is_taken(
    scratch: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    old_git(tmp_path, monkeypatch, says=says)
    opened(scratch).require_supported()


def test_without_git_the_refusal_says_what_to_install(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    error = scratch.refused("list", code=50, kind="git")
    assert "2.36" in error["hint"]


def test_before_the_first_commit_there_is_no_head(scratch: Scratch) -> None:
    git = opened(scratch)
    assert git.head() is None
    assert git.branch() == "main"
    assert save_work(git, scratch=str(scratch.root / ".git/dsv/x")) is None
    assert list(git.history("m")) == []
    assert git.references() == b""


def test_revisions_that_name_no_commit_are_refused_whatever_they_look_like(scratch: Scratch) -> None:
    first = commit(scratch, "first")
    git = opened(scratch)
    assert git.resolve("main") == git.resolve("HEAD") == git.resolve(first[:8]) == first
    for text in ("nothing", "--all", "-n1", "HEAD:m", "main^{tree}", "", "HEAD~5"):
        with pytest.raises(NoVersionError, match="git knows no commit"):
            git.resolve(text)


def test_trees_and_blobs_are_read_whatever_their_paths_hold(scratch: Scratch) -> None:
    names = ["plain", "with space", 'quote"d', "back\\slash", "new\nline", "é", "*.glob", "deep/er"]
    contents = {name: f"content of {name!r}\0\n" for name in names}
    commit(scratch, "first", **contents)
    git = opened(scratch)
    tree = git.tree("HEAD", "m")
    assert set(tree) == {f"m/{name}" for name in names}
    assert git.staged("m") == tree
    assert set(git.staged("m/*.glob")) == {"m/*.glob"}
    blobs = git.blobs(entry.blob for entry in tree.values())
    assert {path: blobs[entry.blob].decode() for path, entry in tree.items()} == {
        f"m/{name}": content for name, content in contents.items()
    }


def test_what_is_not_there_is_left_out(scratch: Scratch) -> None:
    commit(scratch, "first", a="x")
    git = opened(scratch)
    assert git.blobs(["HEAD:m/a", "HEAD:m/gone", "0" * 40]) == {"HEAD:m/a": b"x"}
    assert git.object_ids(["HEAD:m/gone", "HEAD:m/a"]) == [None, git.tree("HEAD")["m/a"].blob]
    assert git.blobs([]) == {}
    assert git.object_ids([]) == []
    assert git.tree("HEAD", "gone") == {}


def test_paths_that_a_merge_left_undecided_are_refused(scratch: Scratch) -> None:
    commit(scratch, "first", a="x")
    blob = scratch.git("rev-parse", "HEAD:m/a").strip()
    rows = f"0 {'0' * 40}\tm/a\n" + "".join(f"100644 {blob} {stage}\tm/a\n" for stage in (1, 2, 3))
    subprocess.run(["git", "update-index", "--index-info"], cwd=scratch.root, input=rows.encode(), check=True)
    with pytest.raises(ConflictError, match="m/a has conflicts"):
        opened(scratch).staged("m")


def test_tags_tell_what_they_are_and_which_commit_they_lead_to(scratch: Scratch) -> None:
    first = commit(scratch, "first", a="x")
    scratch.git("tag", "light")
    scratch.git("tag", "-a", "-m", "x", "notes@v1.0.0")
    scratch.git("tag", "-a", "-m", "x", "blob", "HEAD:m/a")
    scratch.git("tag", "-a", "-m", "x", "teams/nlp=notes@v1.0.0")
    found = {tag.name: (tag.annotated, tag.commit) for tag in opened(scratch).tags()}
    assert found == {
        "blob": (True, None),
        "light": (False, first),
        "notes@v1.0.0": (True, first),
        "teams/nlp=notes@v1.0.0": (True, first),
    }
    assert [tag.name for tag in opened(scratch).tags("notes@v*")] == ["notes@v1.0.0"]
    assert opened(scratch).tag_id("notes@v1.0.0") == scratch.git("rev-parse", "notes@v1.0.0").strip()
    assert opened(scratch).tag_id("notes@v2.0.0") is None


def test_trailers_of_tags_are_read_in_bulk(scratch: Scratch) -> None:
    commit(scratch, "first")
    scratch.git("tag", "-a", "-m", "Summary\n\nDsv-Tree: sha256:ab", "one")
    scratch.git("tag", "-a", "-m", "Summary\n\nOther: x", "two")
    scratch.git("tag", "three")
    assert opened(scratch).tag_trailers(["one", "two", "three"], "Dsv-Tree") == {"one": "sha256:ab"}


def test_history_tells_what_each_commit_did_oldest_first(scratch: Scratch) -> None:
    first = commit(scratch, "first", a="1", b="1")
    commit(scratch, "beside", **{"../other": "x"})
    second = commit(scratch, "second", a="2")
    scratch.git("rm", "-q", "m/b")
    third = commit(scratch, "third")
    found = list(opened(scratch).history("m"))
    assert events(found) == [("A", "m/a", first), ("A", "m/b", first), ("M", "m/a", second), ("D", "m/b", third)]
    assert {each.author for each in found} == {"Ana Lima <ana@example.com>"}
    assert found[-1].blob is None
    assert found[2].blob == scratch.git("rev-parse", "HEAD:m/a").strip()


def test_history_follows_both_sides_of_a_merge_and_counts_what_the_merge_itself_did(scratch: Scratch) -> None:
    first = commit(scratch, "first", a="1")
    scratch.git("checkout", "-qb", "side")
    side = commit(scratch, "side", b="1")
    scratch.git("checkout", "-q", "main")
    main = commit(scratch, "main", c="1")
    scratch.git("merge", "-q", "--no-commit", "side")
    merge = commit(scratch, "merge", d="only in the merge")
    found = events(list(opened(scratch).history("m")))
    assert sorted(found) == sorted([("A", "m/a", first), ("A", "m/b", side), ("A", "m/c", main), ("A", "m/d", merge)])
    assert found[0] == ("A", "m/a", first)
    assert found[-1] == ("A", "m/d", merge)


def test_history_of_everything_includes_what_only_a_tag_leads_to(scratch: Scratch) -> None:
    first = commit(scratch, "first", a="1")
    scratch.git("checkout", "-q", "--detach")
    lost = commit(scratch, "lost", b="1")
    scratch.git("tag", "kept")
    scratch.git("checkout", "-q", "main")
    git = opened(scratch)
    assert events(list(git.history("m"))) == [("A", "m/a", first), ("A", "m/b", lost)]
    assert events(list(git.history("m", revisions=["HEAD"]))) == [("A", "m/a", first)]
    assert git.reachable(lost)
    assert not git.contains("HEAD", ancestor=lost)
    assert git.contains(lost, ancestor=first)
    scratch.git("tag", "-d", "kept")
    assert not git.reachable(lost)


def test_the_user_is_who_git_says_and_never_a_guess(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(opened(scratch).identity()) == "Ana Lima <ana@example.com>"
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Bo")
    assert opened(scratch).identity().name == "Bo"
    monkeypatch.delenv("GIT_AUTHOR_NAME")
    monkeypatch.setenv("HOME", str(scratch.root / "nobody"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(scratch.root / "nobody"))
    with pytest.raises(GitError, match="git does not know who you are"):
        opened(scratch).identity()


def test_ignored_paths_are_told_with_the_rule_that_hides_them(scratch: Scratch) -> None:
    scratch.write(".gitignore", "*.dvc\n!keep.dvc\n")
    git = opened(scratch)
    assert git.ignored("a.dvc") == ".gitignore:1:*.dvc"
    assert git.ignored("keep.dvc") is None
    assert git.ignored("a.yaml") is None


def test_uncommitted_work_is_saved_without_being_touched(scratch: Scratch) -> None:
    commit(scratch, "first", a="1")
    git = opened(scratch)
    assert save_work(git, scratch=str(scratch.root / ".git/dsv/x")) is None
    scratch.write("m/a", "2")
    saved = save_work(git, scratch=str(scratch.root / ".git/dsv/x"))
    assert scratch.git("show", f"{saved}:m/a") == "2"
    assert scratch.read("m/a") == "2"
    assert scratch.git("stash", "list") == ""


def test_work_that_git_stash_does_not_take_is_saved_all_the_same(scratch: Scratch) -> None:
    commit(scratch, "first", a="1")
    git = opened(scratch)
    scratch.write("m/a", "2")
    scratch.write("m/intended", "later")
    scratch.git("add", "-N", "m/intended")
    index = scratch.git("ls-files", "--stage", "--debug")
    saved = save_work(git, scratch=str(scratch.root / ".git/dsv/x"))
    assert scratch.git("show", f"{saved}:m/a") == "2"
    assert scratch.git("ls-files", "--stage", "--debug") == index
    scratch.write("m/a", "1")
    done = bring_back(git, str(saved), besides=[], scratch=str(scratch.root / ".git/dsv/x"))
    assert (list(done.files), list(done.left), scratch.read("m/a")) == (["m/a"], [], "2")


def test_a_program_of_git_that_fails_is_one_error_with_what_git_said(scratch: Scratch) -> None:
    with pytest.raises(GitError, match="git ls-tree failed: fatal: Not a valid object name") as caught:
        opened(scratch).tree("nothing")
    assert UnsupportedError.code == caught.value.code == 50
    assert caught.value.details["stderr"]
