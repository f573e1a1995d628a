"""The git repository around a directory, told from what lies there, without asking git."""

from __future__ import annotations

import os


def work_tree_around(path: str) -> tuple[str, str] | None:
    """The root of the nearest work tree at or above the path, and git's own directory of it; None where there is none.

    In a linked work tree, and in a submodule, `.git` is a file that names that directory.
    """
    where = os.path.realpath(path)
    while not os.path.lexists(os.path.join(where, ".git")):
        above = os.path.dirname(where)
        if above == where:
            return None
        where = above
    directory = os.path.join(where, ".git")
    if os.path.isdir(directory):
        return where, directory
    try:
        with open(directory, encoding="utf-8", errors="surrogateescape") as stream:
            named = stream.read().removeprefix("gitdir:").strip()
    except OSError:
        return None
    directory = os.path.normpath(os.path.join(where, named))
    return (where, directory) if os.path.isdir(directory) else None
