"""The user's uncommitted work as a commit that no ref names, and back from there into the work tree."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from dsv.adapters.git.process import run
from dsv.adapters.git.repository import Entry, Git
from dsv.adapters.git.transaction import clear_index, copy_index, differences, put_entries, refresh

_SUBMODULE = "160000"


@dataclass(frozen=True)
class BroughtBack:
    """The files that have the user's work again, and those that somebody changed since, which stay as they are."""

    files: Sequence[str]
    left: Sequence[str]


def save_work(git: Git, *, scratch: str) -> str | None:
    """The id of a commit that holds the user's uncommitted work in tracked files; None when there is none.

    It has the form that `git stash` gives its own, and nothing is touched. `scratch` is where a temporary index may be
    written, also for what `git stash create` does not take: files with `git add -N`, and unresolved conflicts.
    """
    if git.head() is None:
        return None
    environment = {"GIT_INDEX_FILE": scratch}
    os.makedirs(os.path.dirname(scratch), exist_ok=True)
    try:
        # An index of its own: git would lock the user's, and when it is killed leave that locked.
        copy_index(git, to=scratch)
        done = run(git.root, ["stash", "create"], environment=environment, accept=(0, 1, 128))
        if not done.returncode:
            return done.stdout.decode().strip() or None
        clear_index(scratch)
        git.run("read-tree", "HEAD", environment=environment)
        run(git.root, ["add", "--update", "--ignore-errors", "."], environment=environment, accept=(0, 1, 128))
        tree = git.run("write-tree", environment=environment).decode().strip()
    finally:
        clear_index(scratch)
    if not differences(git, "HEAD", tree):
        return None
    parents = ("-p", "HEAD", "-p", "HEAD")
    return git.run("commit-tree", tree, *parents, stdin=b"work beside a command of dsv\n").decode().strip()


def bring_back(git: Git, saved: str, *, besides: Iterable[str], scratch: str) -> BroughtBack:
    """The saved work in the work tree again, in the files that are as HEAD had them; `besides` are left out.

    For work that a hook had put aside when it was killed.
    """
    base = git.resolve(f"{saved}^1")
    after = differences(git, base, saved)
    wanted = {
        path: entry
        for path, entry in after.items()
        if path not in set(besides) and not (entry and entry.mode == _SUBMODULE)
    }
    if not wanted:
        return BroughtBack([], [])
    before = git.tree(base, *wanted)
    away = _unlike(git, wanted, scratch=scratch)
    put_aside = {path: before.get(path) for path in away}
    left = _unlike(git, put_aside, scratch=scratch)
    back = {path: wanted[path] for path in away if path not in left}
    for path in [path for path, entry in back.items() if entry is None]:
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(git.root, path))
    written = {path: entry for path, entry in back.items() if entry is not None}
    _fill(git, written, scratch=scratch)
    git.run("checkout-index", "--all", "--force", environment={"GIT_INDEX_FILE": scratch})
    clear_index(scratch)
    return BroughtBack(sorted(back), sorted(left))


def newest_stash(git: Git) -> str:
    """The id of the newest entry of git's list of stashes; empty when there is none."""
    return git.run("rev-parse", "--verify", "--quiet", "refs/stash", accept=(0, 1)).decode().strip()


def keep_as_stash(git: Git, saved: str, *, message: str) -> None:
    """Let git's list of stashes name the saved work, so that it stays."""
    git.run("stash", "store", "-q", "-m", message, saved)


def _unlike(git: Git, entries: Mapping[str, Entry | None], *, scratch: str) -> set[str]:
    """The paths where the work tree has something else; None stands for no file."""
    present = {path: entry for path, entry in entries.items() if entry is not None}
    _fill(git, present, scratch=scratch)
    refresh(git, scratch)
    rows = git.run("diff-files", "-z", "--name-only", environment={"GIT_INDEX_FILE": scratch}).split(b"\0")
    clear_index(scratch)
    there = {path for path in entries if path not in present and os.path.lexists(os.path.join(git.root, path))}
    return {os.fsdecode(row) for row in rows if row} | there


def _fill(git: Git, entries: Mapping[str, Entry | None], *, scratch: str) -> None:
    """The scratch index with these entries and no other."""
    clear_index(scratch)
    git.run("read-tree", "--empty", environment={"GIT_INDEX_FILE": scratch})
    put_entries(git, entries, environment={"GIT_INDEX_FILE": scratch})
