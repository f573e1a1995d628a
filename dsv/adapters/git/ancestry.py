"""What leads to a commit, and what it stands upon."""

from __future__ import annotations

import os
from collections.abc import Collection

from dsv.adapters.git.repository import Git


def refs_containing(git: Git, commit: str) -> list[str]:
    """The full names of all branches, remote-tracking branches and tags that lead to the commit."""
    found = git.run("for-each-ref", "--format=%(refname)", f"--contains={commit}")
    return sorted(map(os.fsdecode, found.splitlines()))


def parents_of(git: Git, commit: str) -> list[str]:
    """The parents of the commit, the first first."""
    return git.run("rev-list", "--parents", "--max-count=1", commit).decode().split()[1:]


def not_in_past(git: Git, revision: str, *, commits: Collection[str]) -> frozenset[str]:
    """Those of the commits that are neither the revision nor in its past."""
    given = "".join(f"{each}\n" for each in (*sorted(commits), f"^{revision}"))
    return frozenset(git.run("rev-list", "--stdin", stdin=given.encode()).decode().split()).intersection(commits)


def remotes_of(git: Git) -> list[str]:
    """The names of the configured remotes."""
    return sorted(os.fsdecode(git.run("remote")).split())


def cut_off_in(git: Git, revision: str, *, since: str) -> bool:
    """Whether commits are missing between the two: one of those that lead from the first to the second is cut off."""
    try:
        with open(os.path.join(git.common, "shallow"), "rb") as file:
            ends = set(file.read().decode().split())
    except FileNotFoundError:
        return False
    return not ends.isdisjoint(git.run("rev-list", revision, f"^{since}").decode().split())


def common_ancestor(git: Git, one: str, other: str) -> str | None:
    """The commit where the two parted; None where that is not here, or they have none."""
    return git.process(["merge-base", one, other], accept=(0, 1)).stdout.decode().strip() or None
