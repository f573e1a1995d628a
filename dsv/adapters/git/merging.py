"""What git knows of a merge: files that it could not merge, and the merge driver that it is told to ask."""

from __future__ import annotations

import os
from collections.abc import Mapping

from dsv.adapters.git.process import run
from dsv.adapters.git.repository import Git

BASE, OURS, THEIRS = 1, 2, 3
"""The stages under which the index keeps the versions of a file that is not merged."""


def unmerged(git: Git, *paths: str) -> dict[str, Mapping[int, str]]:
    """The files at or below the paths that a merge left undecided: path from git's root -> stage -> blob."""
    listing = git.run("--literal-pathspecs", "ls-files", "--unmerged", "-z", "--", *paths)
    found: dict[str, dict[int, str]] = {}
    for row in listing.split(b"\0"):
        if row:
            head, _, path = row.partition(b"\t")
            _, blob, stage = head.decode().split(" ")
            found.setdefault(os.fsdecode(path), {})[int(stage)] = blob
    return {**found}


def mark_merged(git: Git, path: str) -> None:
    """Tell git that the file, as it lies in the work tree, is what the merge comes to."""
    git.run("--literal-pathspecs", "add", "--force", "--", path)


def setting(git: Git, name: str) -> str | None:
    """The value that git's configuration gives a name; None where it gives none."""
    done = run(git.root, ["config", "--get", name], accept=(0, 1))
    return None if done.returncode else os.fsdecode(done.stdout).removesuffix("\n")


def set_here(git: Git, settings: Mapping[str, str]) -> None:
    """Set values in the configuration of this repository alone."""
    for name, value in settings.items():
        git.run("config", "--local", name, value)


def is_merging_into_work_tree(git: Git) -> bool:
    """Whether a command of git is about to change index and work tree, and does not only compute a merge."""
    return os.path.exists(os.path.join(git.directory, "index.lock"))
