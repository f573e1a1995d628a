"""An index that was never brought up to the release that HEAD is at: git shows what was released as deleted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from dsv.adapters.git.repository import Git
from dsv.adapters.git.transaction import Commit, differences

_FORM = "--format=%P%x0a%(trailers:key=Dsv-Version,valueonly,separator=%x2C)"
_MOST_COMMITS = 20
"""As many releases as one command makes, at most, before it patches the index."""


@dataclass(frozen=True)
class HalfPatched:
    """The releases, as one commit upon what was before, and the files that the index has as they were before."""

    commit: Commit
    paths: Sequence[str]


def half_patched(git: Git) -> HalfPatched | None:
    """What the index lacks of the releases that HEAD ends with; None where it lacks nothing of them.

    A file counts where the work tree is as HEAD has it, and the index as a commit before the releases.
    """
    head = git.head()
    if head is None:
        return None
    unlike = _paths(git.run("diff-index", "--cached", "--name-only", "--no-renames", "-z", head))
    if not unlike:
        return None
    said = git.run("log", f"--max-count={_MOST_COMMITS}", "--first-parent", "-z", _FORM, head)
    rows = said.decode(errors="replace").split("\0")
    found = None
    for parent, released in map(_row, rows):
        paths = _not_followed(git, parent, head, unlike=unlike) if released else []
        if len(paths) <= (len(found.paths) if found else 0):
            break
        found = HalfPatched(Commit(head, parent), paths)
    return found


def _row(row: str) -> tuple[str | None, bool]:
    """The first parent of a commit, and whether the commit is a release."""
    parents, _, released = row.partition("\n")
    return next(iter(parents.split()), None), bool(released.strip())


def _not_followed(git: Git, old: str | None, new: str, *, unlike: set[str]) -> list[str]:
    """The files that changed between the commits; the index has them as the old one, the work tree as the new one."""
    empty = git.run("hash-object", "-t", "tree", "--stdin").decode().strip()
    after = {path: entry for path, entry in differences(git, old or empty, new).items() if path in unlike}
    if not after:
        return []
    before = git.tree(old, *after) if old else {}
    staged = git.staged(*after)
    behind = [path for path in after if staged.get(path) == before.get(path)]
    here = _hashed(git, [path for path in behind if os.path.isfile(os.path.join(git.root, path))])
    return sorted(path for path in behind if here.get(path) == (entry.blob if (entry := after[path]) else None))


def _hashed(git: Git, paths: Sequence[str]) -> dict[str, str]:
    """The ids that git would give the files of the work tree."""
    if not paths:
        return {}
    given = b"".join(os.fsencode(path) + b"\n" for path in paths)
    return dict(zip(paths, git.run("hash-object", "--stdin-paths", stdin=given).decode().split(), strict=True))


def _paths(rows: bytes) -> set[str]:
    return {os.fsdecode(row) for row in rows.split(b"\0") if row}
