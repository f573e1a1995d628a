"""A release is one commit and one tag of dsv's own paths, or nothing; the user's other work stays what it was."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Scratch, numbered
from tests.repository.conftest import Meanwhile

BUMP_PATHS = [
    "M\tdata/notes.dvc",
    "D\tmanifests/notes/1.0.0.dvc",
    "A\tmanifests/notes/1.1.0.dvc",
    "A\tmanifests/notes/1.1.0.yaml",
]


def changed_paths(repo: Scratch, revision: str = "HEAD") -> list[str]:
    """What the commit did to which path."""
    return repo.git("show", "--no-renames", "--name-status", "--format=", revision).splitlines()


@pytest.fixture
def changed(released: Scratch) -> Scratch:
    """A repository whose `notes` have changed since 1.0.0; 1.1.0 is next."""
    released.records("data/notes/more.jsonl", numbered(30, start=100))
    return released


def refused_once(repo: Scratch, *, code: int, kind: str) -> str:
    """The message of a bump that is refused this time."""
    error = repo.dsv("bump", "notes", "--json", code=code).error
    assert (error["code"], error["kind"]) == (code, kind)
    return str(error["message"])


def nothing_released(repo: Scratch, *, head: str) -> None:
    """The repository is as it was before a bump that was refused."""
    assert repo.git("rev-parse", "HEAD").strip() == head
    assert repo.git("status", "--porcelain") == ""
    assert not (repo.root / "manifests/notes/index/1.1.0").exists()
    assert not (repo.root / ".git/index.lock").exists()
    assert not (repo.root / ".git/dsv/journal.json").exists()
    assert [each["version"] for each in repo.json("log", "notes")["versions"]] == ["1.0.0"]


def test_a_release_is_one_commit_that_holds_only_what_belongs_to_it(changed: Scratch) -> None:
    before = changed.git("rev-parse", "HEAD").strip()
    changed.dsv("bump", "notes", "-m", "More notes\n\nThirty of them.")
    assert changed.git("rev-parse", "HEAD~").strip() == before
    assert changed_paths(changed) == BUMP_PATHS
    assert changed.git("log", "-1", "--format=%B") == (
        "notes 1.1.0: More notes\n\nThirty of them.\n\nDsv-Version: notes@1.1.0\n\n"
    )
    assert changed.git("log", "-1", "--format=%(trailers:key=Dsv-Version,valueonly)").strip() == "notes@1.1.0"
    assert changed.git("log", "-1", "--format=%an <%ae>|%cn <%ce>").strip() == "|".join(
        ["Ana Lima <ana@example.com>"] * 2
    )


def test_the_tag_is_annotated_and_carries_the_summary_and_the_digest_of_the_data(changed: Scratch) -> None:
    tree = changed.json("bump", "notes", "-m", "More notes")["manifest"]["digests"]["tree"]
    assert changed.git("cat-file", "-t", "notes@v1.1.0").strip() == "tag"
    assert changed.git("tag", "-l", "--format=%(contents)", "notes@v1.1.0") == f"More notes\n\nDsv-Tree: {tree}\n\n"
    assert changed.git("rev-parse", "notes@v1.1.0^{commit}") == changed.git("rev-parse", "HEAD")
    assert changed.git("fsck", "--strict", "--no-dangling") == ""


def test_a_first_release_takes_the_lines_it_needs_in_files_that_others_write_too(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    repo.write("data/.gitignore", "*.swp\n")
    repo.git("add", "data/.gitignore")
    repo.git("commit", "-qm", "rules")
    repo.dsv("add", "data/notes")
    assert changed_paths(repo) == [
        "M\tdata/.gitignore",
        "A\tdata/notes.dvc",
        "A\tdvc.yaml",
        "A\tmanifests/notes/1.0.0.dvc",
        "A\tmanifests/notes/1.0.0.yaml",
        "A\tmanifests/notes/dataset.yaml",
    ]
    assert repo.read("data/.gitignore") == "*.swp\n/notes\n"


def test_staged_and_unstaged_work_beside_a_release_stays_what_it_was(changed: Scratch) -> None:
    for name in ("edited", "deleted", "gone"):
        changed.write(name, "old\n")
    changed.git("add", "edited", "deleted", "gone")
    changed.git("commit", "-qm", "files")
    changed.write("edited", "staged\n")
    changed.write("new", "staged\n")
    changed.git("add", "edited", "new")
    changed.git("rm", "-q", "--cached", "deleted")
    changed.write("edited", "staged\nand more\n")
    (changed.root / "gone").unlink()
    changed.write("intended", "later\n")
    changed.git("add", "-N", "intended")
    changed.write("untracked", "mine\n")
    before = changed.git("status", "--porcelain=v2"), changed.git("diff"), changed.git("diff", "--cached")
    changed.dsv("bump", "notes")
    assert (changed.git("status", "--porcelain=v2"), changed.git("diff"), changed.git("diff", "--cached")) == before
    assert changed_paths(changed) == BUMP_PATHS


def test_edits_in_the_files_that_a_release_edits_too_stay_staged_or_unstaged_as_they_were(changed: Scratch) -> None:
    changed.records("data/other.jsonl", [{"of another": "dataset"}])
    text = changed.read("dvc.yaml")
    changed.write("dvc.yaml", f"# staged\n{text}")
    changed.write("data/.gitignore", f"*.staged\n{changed.read('data/.gitignore')}")
    changed.write("dsv.yaml", changed.read("dsv.yaml") + "protected: [notes]\n")
    changed.git("add", "-u")
    changed.write("dvc.yaml", f"# staged\n{text}# not staged\n")
    changed.write("data/.gitignore", f"{changed.read('data/.gitignore')}*.unstaged\n")
    before = changed.git("diff", "-U0"), changed.git("diff", "-U0", "--cached")
    changed.dsv("add", "data/other.jsonl")
    assert "staged" not in changed.git("show", "HEAD:dvc.yaml", "HEAD:data/.gitignore")
    assert "other:" in changed.git("show", "HEAD:dvc.yaml")
    assert "/other.jsonl\n" in changed.git("show", "HEAD:data/.gitignore")
    assert [lines(text) for text in (changed.git("diff", "-U0"), changed.git("diff", "-U0", "--cached"))] == [
        lines(text) for text in before
    ]
    assert changed.git("status", "--porcelain").splitlines() == ["MM data/.gitignore", "M  dsv.yaml", "MM dvc.yaml"]


def lines(diff: str) -> list[str]:
    """The lines that a diff takes out and puts in."""
    return [line for line in diff.splitlines() if line[0] in "+-" and not line.startswith(("+++", "---"))]


def test_a_shared_file_deleted_by_the_user_stays_deleted_but_for_the_lines_of_the_release(changed: Scratch) -> None:
    changed.write("dvc.yaml", "params: [p.yaml]\n" + changed.read("dvc.yaml"))
    changed.git("commit", "-qam", "params")
    changed.git("rm", "-q", "dvc.yaml")
    changed.records("data/other.jsonl", numbered(3))
    changed.dsv("add", "data/other.jsonl")
    assert "params" in changed.git("show", "HEAD:dvc.yaml")
    assert "notes:" in changed.git("show", "HEAD:dvc.yaml")
    for text in (changed.read("dvc.yaml"), changed.git("show", ":dvc.yaml")):
        assert text.startswith("artifacts:\n  other:\n")
        assert "notes:" not in text


def test_shared_files_keep_their_mode_and_bytes_that_are_no_utf8(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    repo.write("data/.gitignore", b"caf\xe9\n").chmod(0o755)
    repo.git("add", "data/.gitignore")
    repo.git("commit", "-qm", "rules")
    repo.dsv("add", "data/notes")
    assert (repo.root / "data/.gitignore").read_bytes() == b"caf\xe9\n/notes\n"
    assert stat.S_IMODE((repo.root / "data/.gitignore").stat().st_mode) == 0o755
    assert repo.git("ls-tree", "HEAD", "data/.gitignore").startswith("100755")
    assert repo.git("status", "--porcelain") == ""


def test_a_staged_text_that_cannot_take_our_lines_is_refused_and_nothing_is_released(changed: Scratch) -> None:
    head, text = changed.git("rev-parse", "HEAD").strip(), changed.read("dvc.yaml")
    changed.write("dvc.yaml", "artifacts: {other: {path: x}}\n")
    changed.git("add", "dvc.yaml")
    changed.write("dvc.yaml", text)
    error = changed.refused("bump", "notes", code=20, kind="conflict")
    assert "dvc.yaml" in error["message"]
    assert changed.git("show", ":dvc.yaml") == "artifacts: {other: {path: x}}\n"
    changed.git("reset", "-q", "dvc.yaml")
    nothing_released(changed, head=head)


def test_unresolved_conflicts_in_a_file_of_the_release_are_refused(changed: Scratch) -> None:
    blob = changed.git("rev-parse", "HEAD:dvc.yaml").strip()
    rows = "".join(f"100644 {blob} {stage}\tdvc.yaml\n" for stage in (1, 2, 3))
    changed.git("rm", "-q", "--cached", "dvc.yaml")
    subprocess.run(["git", "update-index", "--index-info"], cwd=changed.root, input=rows.encode(), check=True)
    error = changed.refused("bump", "notes", code=20, kind="conflict")
    assert "dvc.yaml has conflicts" in error["message"]
    assert changed.git("tag", "--list") == "notes@v1.0.0\n"


def test_a_branch_that_moved_meanwhile_refuses_the_release_whole(changed: Scratch, meanwhile: Meanwhile) -> None:
    moved = changed.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "somebody else").strip()
    meanwhile("update-ref", f"$git update-ref refs/heads/main {moved}")
    assert "the branch moved" in refused_once(changed, code=20, kind="conflict")
    nothing_released(changed, head=moved)
    assert changed.json("bump", "notes")["version"] == "1.1.0"


def test_a_tag_that_somebody_made_meanwhile_refuses_the_release_whole(changed: Scratch, meanwhile: Meanwhile) -> None:
    head = changed.git("rev-parse", "HEAD").strip()
    meanwhile("update-ref", "$git tag -a -m theirs notes@v1.1.0")
    assert "notes@v1.1.0" in refused_once(changed, code=20, kind="exists")
    nothing_released(changed, head=head)


def test_a_branch_that_another_process_holds_refuses_the_release_whole(changed: Scratch, meanwhile: Meanwhile) -> None:
    head = changed.git("rev-parse", "HEAD").strip()
    meanwhile("update-ref", "touch .git/refs/heads/main.lock")
    said = refused_once(changed, code=20, kind="in_progress")
    assert said.startswith(f"{changed.root}/.git/refs/heads/main.lock is there")
    (changed.root / ".git/refs/heads/main.lock").unlink()
    nothing_released(changed, head=head)


def test_a_hook_that_forbids_the_references_refuses_the_release_whole(changed: Scratch) -> None:
    head = changed.git("rev-parse", "HEAD").strip()
    hook = changed.write(".git/hooks/reference-transaction", '#!/bin/sh\n[ "$1" != prepared ]\n')
    hook.chmod(0o755)
    changed.refused("bump", "notes", code=50, kind="git")
    hook.unlink()
    nothing_released(changed, head=head)


def test_an_index_that_another_git_holds_is_waited_for_by_the_user_not_broken(changed: Scratch) -> None:
    head = changed.git("rev-parse", "HEAD").strip()
    lock = changed.write(".git/index.lock", "")
    os.utime(lock, (0, 0))  # of a git that was killed long ago
    error = changed.refused("bump", "notes", code=20, kind="in_progress")
    assert str(lock) in error["message"]
    lock.unlink()
    nothing_released(changed, head=head)


def test_git_cannot_touch_the_index_while_a_release_is_made(changed: Scratch, meanwhile: Meanwhile) -> None:
    changed.write("mine", "x\n")
    meanwhile("update-ref", "$git add mine 2>added")
    changed.dsv("bump", "notes")
    assert "index.lock" in changed.read("added")
    assert "mine" not in changed.git("ls-files")
    changed.git("add", "mine")


def test_an_interrupt_after_the_references_moved_says_that_the_release_is_done(
    changed: Scratch, meanwhile: Meanwhile
) -> None:
    meanwhile("update-ref", "$git config --local dsv.test 1")
    git = changed.root.parent / "bin/git"
    interrupt = '$git "$@"; done=$?; [ "$3" = update-ref ] && kill -INT $PPID; exit $done'
    git.write_text(git.read_text().replace('exec $git "$@"', interrupt))
    done = subprocess.run(
        [sys.executable, "-m", "dsv", "bump", "notes"], cwd=changed.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 130
    assert done.stderr.startswith("dsv: the release of notes 1.1.0 is done all the same\nerror: interrupted")
    assert changed.git("status", "--porcelain") == ""
    assert changed.json("status")["datasets"][0]["base"] == "1.1.0"


def test_a_detached_head_moves_with_the_release_and_the_branch_stays(changed: Scratch) -> None:
    main = changed.git("rev-parse", "main")
    changed.git("checkout", "-q", "--detach")
    changed.dsv("bump", "notes")
    assert changed.git("rev-parse", "main") == main
    assert changed.git("rev-parse", "HEAD") == changed.git("rev-parse", "notes@v1.1.0^{commit}")
    assert changed.git("status", "--porcelain") == ""


def test_the_very_first_commit_of_a_repository_can_be_a_release(scratch: Scratch) -> None:
    scratch.dsv("init", "--no-commit")
    scratch.write("README", "mine\n")
    scratch.git("add", "README")
    scratch.records("data/notes/a.jsonl", numbered(3))
    scratch.dsv("add", "data/notes")
    assert scratch.git("rev-list", "--count", "HEAD").strip() == "1"
    assert "A  README" in scratch.git("status", "--porcelain").splitlines()
    assert "README" not in scratch.git("ls-tree", "-r", "--name-only", "HEAD")


def test_a_linked_worktree_releases_on_its_own_branch(changed: Scratch, tmp_path: Path) -> None:
    changed.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    linked = Scratch(tmp_path / "linked")
    main = changed.git("rev-parse", "main")
    linked.dsv("checkout", "notes@1.0.0")
    assert linked.git("status", "--porcelain") == ""
    linked.records("data/notes/train.jsonl", numbered(79))
    assert linked.json("bump", "notes")["version"] == "1.0.1"
    assert linked.git("status", "--porcelain") == ""
    assert linked.json("status")["datasets"][0]["state"] == "clean"
    assert changed.git("rev-parse", "main") == main
    assert changed.json("status")["datasets"][0]["suggested"]["version"] == "1.1.0"


def test_the_current_directory_only_says_what_paths_mean(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    repo.dsv("add", "notes", cwd=repo.root / "data")
    repo.records("data/notes/b.jsonl", numbered(3, start=10))
    repo.dsv("bump", "notes", cwd=repo.root / "data/notes")
    assert repo.git("tag", "--list").split() == ["notes@v1.0.0", "notes@v2.0.0"]
    assert repo.git("status", "--porcelain") == ""


@pytest.fixture
def below(scratch: Scratch) -> Scratch:
    """A DVC root at teams/nlp of a git repository, with a staged file beside it."""
    scratch.write("README", "mine\n")
    scratch.git("add", "README")
    root = scratch.root / "teams/nlp"
    root.mkdir(parents=True)
    Scratch(root).dvc("init", "-q", "--subdir")
    return Scratch(root)


def test_a_dvc_root_below_the_git_root_keeps_everything_there_and_names_it_in_its_tags(below: Scratch) -> None:
    below.dsv("init")
    below.records("data/notes/a.jsonl", numbered(3))
    below.dsv("add", "data/notes", "--key", "id")
    below.records("data/notes/b.jsonl", numbered(3, start=10))
    document = below.json("bump", "notes")
    assert document["git_tag"] == "teams/nlp=notes@v2.0.0"
    assert below.git("tag", "--list").split() == ["teams/nlp=notes@v1.0.0", "teams/nlp=notes@v2.0.0"]
    paths = below.git("ls-tree", "-r", "--name-only", "--full-tree", "HEAD").splitlines()
    assert all(path.startswith("teams/nlp/") for path in paths)
    assert below.git("status", "--porcelain").splitlines() == ["A  README"]
    assert below.json("check")["ok"]
    below.dsv("checkout", "notes@1.0.0")
    assert list(below.tree("data/notes")) == ["a.jsonl"]


def test_two_dvc_roots_in_one_git_repository_do_not_see_each_other(below: Scratch) -> None:
    below.dsv("init")
    other = Scratch(below.root.parent / "vision")
    other.root.mkdir()
    Scratch(other.root).dvc("init", "-q", "--subdir")
    other.dsv("init")
    for repo, count in ((below, 3), (other, 5)):
        repo.records("data/notes/a.jsonl", numbered(count))
        repo.dsv("add", "data/notes")
    assert [repo.json("list")["datasets"][0]["records"] for repo in (below, other)] == [3, 5]
    assert below.git("tag", "--list").split() == ["teams/nlp=notes@v1.0.0", "teams/vision=notes@v1.0.0"]


def test_hooks_environment_does_not_lead_a_release_astray(changed: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", os.devnull)
    monkeypatch.setenv("GIT_INDEX_FILE", "/nonexistent/index")
    assert changed.json("bump", "notes")["version"] == "1.1.0"
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert changed.git("status", "--porcelain") == ""


def test_a_killed_release_in_one_root_does_not_stop_another(below: Scratch) -> None:
    below.dsv("init")
    below.records("data/notes/a.jsonl", numbered(3))
    dying = Path(__file__).with_name("dying.py")
    other = Scratch(below.root.parent / "vision")
    other.root.mkdir()
    Scratch(other.root).dvc("init", "-q", "--subdir")
    done = subprocess.run([sys.executable, dying, "update-ref", "add", "data/notes"], cwd=below.root, check=False)
    assert done.returncode == -signal.SIGKILL
    assert "undid the release of notes 1.0.0" in other.dsv("init").stderr
    assert not (below.root / "manifests/notes").exists()
