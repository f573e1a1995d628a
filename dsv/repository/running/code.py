"""The code that runs, as git knows it."""

from __future__ import annotations

import os

from dsv.adapters.git import Git
from dsv.errors import DsvError
from dsv.model.run import Code
from dsv.repository.elsewhere.added import clone_address


def code_in(directory: str) -> tuple[Code, str] | None:
    """The code in the git repository that the directory lies in, and that one's root; None where git has none.

    Files that git does not track do not make it dirty, as with `git describe --dirty`.
    """
    try:
        git = Git.discover(os.path.realpath(directory))
        commit = git.head()
        changed = git.run("status", "--porcelain", "--untracked-files=no", "-z")
        return Code(repository=clone_address(git) or None, commit=commit, dirty=bool(changed)), git.root
    except DsvError:
        return None
