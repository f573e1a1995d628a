"""Files that git keeps, with their sizes: all of a tree, those of the index, those that commits added."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters.git import contents

if TYPE_CHECKING:
    from dsv.adapters.git.repository import Git

_FILES = frozenset({"100644", "100755"})


@dataclass(frozen=True)
class Kept:
    """A file by its path from git's root, its blob and its size; `commit` is the one that added it."""

    path: str
    blob: str
    size: int
    commit: str | None = None


def in_tree(git: Git, revision: str, *paths: str) -> list[Kept]:
    """The files of the commit's tree, at or below the paths where some are given; links and submodules left out."""
    found = []
    for row in git.run("ls-tree", "-r", "-l", "-z", "--full-tree", revision, "--", *paths).split(b"\0"):
        head, _, path = row.partition(b"\t")
        words = head.decode().split()
        if words and words[0] in _FILES:
            found.append(Kept(os.fsdecode(path), words[2], int(words[3])))
    return found


def in_index(git: Git, changed: Sequence[str], *, index: str) -> list[Kept]:
    """Those of the files that the index has."""
    if not changed:
        return []
    rows = git.run(
        "--literal-pathspecs", "ls-files", "--stage", "-z", "--", *changed, environment={"GIT_INDEX_FILE": index}
    ).split(b"\0")
    named = [(head.decode().split(" "), os.fsdecode(path)) for head, _, path in (row.partition(b"\t") for row in rows)]
    files = [(path, words[1], None) for words, path in named if words[0] in _FILES]
    return _sized(git, files)


def added_since(git: Git, revision: str, *, base: str) -> list[Kept]:
    """Whatever the commits that lead to the revision, and not to the base, added or edited, also what is gone again."""
    files = {
        (entry.path, entry.blob): (entry.path, entry.blob, entry.commit)
        for entry in git.history(revisions=(revision, f"^{base}"))
        if entry.blob and entry.blob.strip("0")
    }
    return _sized(git, files.values())


def folders_in(git: Git, revision: str, directory: str) -> list[str]:
    """The names of the directories that lie directly in one of the commit's tree."""
    rows = git.run("ls-tree", "-d", "-z", "--name-only", "--full-tree", revision, "--", f"{directory}/").split(b"\0")
    return [os.fsdecode(row)[len(directory) + 1 :] for row in rows if row]


def raw(git: Git, blobs: Iterable[str]) -> Mapping[str, bytes]:
    """The content of blobs as git keeps them; one that is too large for a text of dsv's is cut off."""
    wanted = list(dict.fromkeys(blobs))
    return contents.kept(git.root, wanted, environment=git.environment) if wanted else {}


def _sized(git: Git, files: Iterable[tuple[str, str, str | None]]) -> list[Kept]:
    """With sizes; what is no blob, as a submodule is none, and what is not here is left out."""
    given = list(files)
    asked = "".join(f"{blob}\n" for _, blob, _ in given).encode()
    command = ("cat-file", "--batch-check=%(objecttype) %(objectsize)")
    said = git.run(*command, stdin=asked).decode().splitlines() if given else []
    found = []
    for (path, blob, commit), line in zip(given, said, strict=True):
        kind, _, size = line.partition(" ")
        if kind == "blob":
            found.append(Kept(path, blob, int(size), commit))
    return found
