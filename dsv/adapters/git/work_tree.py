"""How the work tree differs from what git has, where neither is changed: sparse checkouts, conversions, submodules."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsv.adapters.git.repository import Git


def left_out(git: Git, path: str) -> bytes | None:
    """The content of a file that a sparse checkout leaves out of the work tree; None for any other."""
    if not os.path.exists(os.path.join(git.directory, "info", "sparse-checkout")):
        return None
    rows = git.run("--literal-pathspecs", "ls-files", "-t", "--stage", "-z", "--", path).split(b"\0")
    blob = next((row.split(b" ")[2].decode() for row in rows if row.startswith(b"S ")), None)
    return None if blob is None else git.blobs([blob], paths={blob: path})[blob]


def unmodified(git: Git, paths: Sequence[str]) -> list[bool]:
    """Whether each file of the work tree is as HEAD has it, but for conversions."""
    if not paths or not git.converts or git.head() is None:
        return [False] * len(paths)
    given = b"".join(os.fsencode(path) + b"\n" for path in paths)
    here = git.run("hash-object", "--stdin-paths", stdin=given).decode().split()
    there = git.object_ids([f"HEAD:{path}" for path in paths])
    return [one == other for one, other in zip(here, there, strict=True)]


def places_of(git: Git, name: str) -> list[str]:
    """The directories that hold, at any depth, a file of this path in the index; "" is the root."""
    rows = git.run("ls-files", "-z", "--", f":(glob)**/{name}").split(b"\0")
    return sorted(os.fsdecode(row)[: -len(name)].rstrip("/") for row in rows if row)


def submodule_of(git: Git, path: str) -> str | None:
    """The submodule of HEAD that the path lies in, cloned or not; None for one that lies in none."""
    head, parts = git.head(), path.split("/")
    if head is None:
        return None
    above = ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
    rows = git.run("ls-tree", "-z", "--full-tree", head, "--", *above).split(b"\0")
    return next((os.fsdecode(row.partition(b"\t")[2]) for row in rows if row.startswith(b"160000 ")), None)
