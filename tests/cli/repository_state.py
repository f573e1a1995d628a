"""Everything a command could have written, to be held against itself before and after."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.conftest import Scratch

_DERIVED_FROM_THE_WORK_TREE = os.path.join(".git", "dsv", "work")
_LOCK = os.path.join(".git", "dsv", "lock")


def state_of(scratch: Scratch) -> dict[str, str]:
    """Digests of all files, git's own, DVC's cache and the search index among them, and what git status says.

    What was found out about the work tree's files may be remembered; it is left out, as is the lock.
    """
    found = {"git status": scratch.git("--no-optional-locks", "status", "--porcelain", "--ignored")}
    for file in sorted(scratch.root.rglob("*")):
        name = str(file.relative_to(scratch.root))
        if file.is_file() and name != _LOCK and not name.startswith(_DERIVED_FROM_THE_WORK_TREE):
            found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def leaves_no_trace(scratch: Scratch, *arguments: str, code: int, kind: str) -> Any:
    """The error of a refusal after which every file is what it was."""
    before = state_of(scratch)
    error = scratch.refused(*arguments, code=code, kind=kind)
    assert state_of(scratch) == before
    return error
