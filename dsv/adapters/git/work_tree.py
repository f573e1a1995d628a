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


def callers_index(git: Git) -> str:
    """The index that a commit is made of: the one that git names to its hooks, outside of them the usual one."""
    usual = os.path.join(git.directory, "index")
    named = os.path.realpath(os.environ.get("GIT_INDEX_FILE") or usual)
    return named if named.startswith(os.path.realpath(git.directory) + os.sep) else usual


def staged_changes(git: Git, *paths: str, index: str) -> list[str]:
    """The files at or below the paths that the index has otherwise than HEAD, also those that it has no more."""
    environment = {"GIT_INDEX_FILE": index}
    if git.head() is None:
        command = ["ls-files", "--cached"]
    else:
        command = ["diff-index", "--cached", "--name-only", "--no-renames", "HEAD"]
    rows = git.run("--literal-pathspecs", *command, "-z", "--", *paths, environment=environment).split(b"\0")
    return [os.fsdecode(row) for row in rows if row]


def staged_texts(git: Git, *paths: str, index: str) -> dict[str, bytes]:
    """The content of every file at or below the paths as the index has it, by path from the root."""
    listing = git.run(
        "--literal-pathspecs", "ls-files", "--stage", "-z", "--", *paths, environment={"GIT_INDEX_FILE": index}
    )
    rows = [row.partition(b"\t") for row in listing.split(b"\0") if row]
    blobs = {os.fsdecode(path): head.decode().split(" ")[1] for head, _, path in rows}
    contents = git.blobs(blobs.values(), paths={blob: path for path, blob in blobs.items()})
    return {path: contents[blob] for path, blob in blobs.items() if blob in contents}


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
