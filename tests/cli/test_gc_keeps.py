"""What `dsv gc` takes for needed: one repository in which objects are named in every way there is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dsv.repository import find_repository
from dsv.repository.merging.merge_notes import MergeNote, note_merge
from tests.cli.collecting import going, pointer, stray, stray_list
from tests.conftest import Scratch


class Everywhere:
    """A repository, and what was named in it: why -> object."""

    def __init__(self, repo: Scratch) -> None:
        self.repo = repo
        self.needed: dict[str, str] = {}

    def named(self, why: str, *, file: str = "", tree: Scratch | None = None) -> None:
        """A pointer to a new object, as a file of the work tree."""
        self.needed[why] = stray(self.repo, why)
        place = why.replace(" ", "-")
        (tree or self.repo).write(file or f"{place}.dvc", pointer(self.needed[why], place))

    def committed(self, why: str, *, file: str = "", tree: Scratch | None = None) -> None:
        """The same in a commit."""
        self.named(why, file=file, tree=tree)
        self.commit(tree)

    def commit(self, tree: Scratch | None = None) -> None:
        """All of the work tree in a commit."""
        (tree or self.repo).git("add", "-A")
        (tree or self.repo).git("commit", "-q", "-m", "work")


def in_refs(there: Everywhere) -> None:
    git = there.repo.git
    git("switch", "-q", "-c", "tagged")
    there.committed("under a tag alone")
    git("tag", "light")
    git("switch", "-q", "main")
    git("branch", "-q", "-D", "tagged")
    git("reflog", "expire", "--expire=now", "--all")
    git("switch", "-q", "-c", "other")
    there.committed("on another branch")
    git("switch", "-q", "-c", "gone", "main")
    there.committed("in the reflog alone")
    git("switch", "-q", "main")
    git("branch", "-q", "-D", "gone")
    for why in ("in the older stash", "in the newest stash"):
        there.named(why)
        git("stash", "-q", "--include-untracked")
    there.committed("in an older text", file="deep/down/x.dvc")
    there.committed("in a newer text", file="deep/down/x.dvc")
    git("update-ref", "refs/heads/before", "HEAD")
    there.committed("in an experiment")
    git("update-ref", "refs/exps/aa/bb/exp-1", "HEAD")
    git("reset", "-q", "--hard", "before")
    git("branch", "-q", "-D", "before")


def in_the_past(there: Everywhere) -> None:
    repo, git = there.repo, there.repo.git
    there.needed["of a stage"] = made = stray_list(repo, {"part": "of a stage's result"})
    there.needed["in the result of a stage"] = stray(repo, "of a stage's result")
    lock = "schema: '2.0'\nstages:\n  s:\n    cmd: true\n    outs:\n    - path: o\n      hash: md5\n"
    repo.write("pipeline/dvc.lock", f"{lock}      md5: {made}\n")
    there.commit()
    there.named("as a copy with another name", file="a-copy.txt")
    shutil.copy(repo.root / "a-copy.txt", repo.root / "twice.dvc")
    there.commit()
    git("rm", "-q", "twice.dvc", "a-copy.txt", "pipeline/dvc.lock")
    git("commit", "-q", "-m", "gone")
    git("switch", "-q", "-c", "side", "HEAD~1")
    git("commit", "-q", "--allow-empty", "-m", "side")
    git("switch", "-q", "main")
    git("merge", "-q", "--no-commit", "--no-ff", "side")
    there.committed("in a merge alone")
    git("rm", "-q", "in-a-merge-alone.dvc")
    git("commit", "-q", "-m", "gone")
    there.committed("in a conflict that was committed")
    file = repo.root / "in-a-conflict-that-was-committed.dvc"
    theirs = there.needed["in the other side of it"] = stray(repo, "theirs")
    file.write_text(f"<<<<<<< HEAD\n{file.read_text()}=======\n{pointer(theirs, 'x')}>>>>>>> side\n")
    there.commit()
    git("rm", "-q", file.name)
    git("commit", "-q", "-m", "gone")


def in_another_work_tree(there: Everywhere, linked: Scratch) -> None:
    there.repo.git("worktree", "add", "-q", "--detach", str(linked.root))
    there.committed("at the head of another work tree", file="linked.dvc", tree=linked)
    shutil.rmtree(there.repo.root / ".git/worktrees/linked/logs")
    there.named("in the index of another work tree", file="linked.dvc", tree=linked)
    linked.git("add", "linked.dvc")
    there.named("in a file of another work tree", file="linked.dvc", tree=linked)


def in_files(there: Everywhere) -> None:
    repo = there.repo
    shutil.copytree(repo.root / ".dvc", repo.root / "sub/.dvc", ignore=shutil.ignore_patterns("cache", "tmp"))
    there.committed("in another root of DVC", file="sub/data/far.dvc")
    there.named("in the index", file="staged.dvc")
    repo.git("add", "-A")
    there.named("in a file", file="staged.dvc")
    there.named("in a file that git does not know", file="untracked/new.dvc")
    repo.write(
        "imported.dvc",
        f"deps:\n- path: x\n  repo:\n    url: https://example.com/x\n"
        f"frozen: true\n{pointer(stray_list(repo, {'x': 'imported'}), 'imported')}",
    )
    there.needed["imported"] = stray(repo, "imported")


def in_files_of_dsv_and_dvc(there: Everywhere) -> None:
    repo, needed = there.repo, there.needed
    needed["merged and not placed"] = stray(repo, "merged")
    needed["of a side of a merge"] = side = stray_list(repo, {"x": "of a side"})
    needed["in a side of a merge"] = stray(repo, "of a side")
    note = MergeNote("notes", "data/notes", needed["merged and not placed"], (side,))
    note_merge(find_repository(str(repo.root)), note)
    needed["in the run cache"] = stray(repo, "a result")
    repo.write(".dvc/cache/runs/aa/aabb/ccdd", f"outs:\n- path: o\n  md5: {needed['in the run cache']}\n")


@pytest.fixture(scope="module")
def everywhere(_templates: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Everywhere:
    top = tmp_path_factory.mktemp("everywhere")
    repo = Scratch(Path(shutil.copytree(_templates["released"], top / "repo", symlinks=True)))
    repo.git("update-index", "-q", "--refresh")
    there = Everywhere(repo)
    in_refs(there)
    in_the_past(there)
    in_another_work_tree(there, Scratch(top / "linked"))
    in_files(there)
    in_files_of_dsv_and_dvc(there)
    return there


def test_whatever_git_or_a_work_tree_names_is_kept(everywhere: Everywhere) -> None:
    junk = stray(everywhere.repo, "junk")
    gone = going(everywhere.repo)
    assert [why for why, oid in everywhere.needed.items() if oid in gone] == []
    assert len(everywhere.needed) == 26
    assert gone == {junk}


def test_from_another_work_tree_the_same_is_kept(everywhere: Everywhere) -> None:
    linked = Scratch(everywhere.repo.root.parent / "linked")
    assert going(linked) == going(everywhere.repo)
