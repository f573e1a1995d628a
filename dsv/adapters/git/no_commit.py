"""Why HEAD leads to no commit, where there should be one."""

from __future__ import annotations

import os

from dsv.adapters.git.process import run


def why_no_commit(root: str, common: str) -> str | None:
    """What is damaged, in words; None before the first commit of a branch, which is no damage.

    To most commands of git a branch whose file is damaged is one that is not born yet.
    """
    named = run(root, ["rev-parse", "--verify", "--quiet", "HEAD"], accept=(0, 1, 128)).stdout.decode().strip()
    if named:
        return f"the commit {named[:10]} is not here, or damaged"
    ref = os.fsdecode(run(root, ["symbolic-ref", "--quiet", "HEAD"], accept=(0, 1, 128)).stdout).strip()
    return f"{ref} is damaged" if ref and os.path.lexists(os.path.join(common, ref)) else None
