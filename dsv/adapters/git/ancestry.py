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
