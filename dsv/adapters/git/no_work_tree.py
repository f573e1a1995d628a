"""Why a directory lies in no work tree of git's, for people."""

from __future__ import annotations

import os

from dsv.errors import DsvError, GitError, NoRepositoryError


def why_no_work_tree(path: str, where: str, *, said: str) -> DsvError:
    """Why the directory is in no work tree: git's own data is damaged or elsewhere, it has none, or there is no git."""
    top = os.path.abspath(where)
    if os.path.isdir(os.path.join(top, "objects")) and os.path.isfile(os.path.join(top, "HEAD")):
        return NoRepositoryError(f"{path} is a git repository without a work tree", hint="clone it, and work there")
    while not os.path.lexists(os.path.join(top, ".git")) and os.path.dirname(top) != top:
        top = os.path.dirname(top)
    own = os.path.join(top, ".git")
    if os.path.isfile(own):
        moved = "git worktree repair in the main repository, if this work tree or that one was moved"
        return GitError(f"git finds no repository where {own} leads to", hint=moved)
    if os.path.lexists(own):
        words = said.strip().splitlines()[-1] if said.strip() else "no reason given"
        return GitError(f"git cannot read {own}: {words}", hint="git fsck may say more; or clone again")
    return NoRepositoryError(f"{path} is not in a git repository", hint="dsv init --git makes one")
