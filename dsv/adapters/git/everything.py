"""All that git still has of certain files: in any commit, any index and any work tree of the repository.

Commits count as long as git itself keeps them from its own collection: those that a branch, a remote-tracking branch, a
tag, a stash, an experiment or any other ref leads to, those that HEAD of some work tree is at, and those of reflogs.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dsv.adapters.git.ancestry import remotes_of
from dsv.adapters.git.contents import whole
from dsv.adapters.git.process import run
from dsv.adapters.git.remote import GitRemote
from dsv.adapters.git.repository import Git
from dsv.errors import IncompleteError, InProgressError, MissingDataError
from dsv.model.decoding import MAXIMUM_BYTES

_BATCH_BYTES = 32 << 20
_AS_RECORDED = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull}
_REFS_WITH_DATA = ("refs/heads/", "refs/tags/", "refs/exps/")
_SHOWN = 3


class Text(NamedTuple):
    """A text of git's or of a work tree, a path from git's root that it lies, or lay, at, and its name as a blob."""

    path: str
    content: bytes
    blob: str


@dataclass(frozen=True)
class WorkTree:
    """A work tree of the repository, and the directory of its own state."""

    root: str
    directory: str


def refuse_partial(git: Git) -> None:
    """IncompleteError for a clone that does not have all of its history, or has a ref that git cannot read."""
    shallow = os.path.join(git.common, "shallow")
    if os.path.exists(shallow) and os.path.getsize(shallow):
        raise IncompleteError(
            "this clone is shallow: it does not have the commits before its oldest ones",
            hint="git fetch --unshallow --tags, or run this in a full clone",
        )
    done = run(git.root, ["for-each-ref", "--format=%(objecttype)"], accept=(0, 128))
    said = done.stderr.decode(errors="replace")
    broken = re.search(r"(?m)^(?:warning: ignoring broken ref|fatal:) .*", said)
    if done.returncode or broken:
        words = broken.group(0).partition(": ")[2] if broken else said.strip()
        raise IncompleteError(f"git cannot read one of its refs: {words}", hint="git fsck shows more; mend it first")


def published_tips(git: Git) -> list[str]:
    """What the branches, tags and experiments of all remotes are, asked of themselves; every one is here.

    Errors: IncompleteError naming some that are not here, those of a remote that does not answer.
    """
    tips: list[str] = []
    for name in remotes_of(git):
        there = GitRemote.named(git, name).references(_REFS_WITH_DATA)
        there.pop("HEAD", None)
        refs = list(there)
        found = git.object_ids([there[ref] for ref in refs])
        absent = [ref.removeprefix("refs/") for ref, oid in zip(refs, found, strict=True) if oid is None]
        if absent:
            more = f" and {len(absent) - _SHOWN} more" if len(absent) > _SHOWN else ""
            raise IncompleteError(
                f"the git remote {name} has {', '.join(absent[:_SHOWN])}{more}, which this clone does not have",
                hint=f"git fetch {name} '+refs/heads/*:refs/remotes/{name}/*' '+refs/tags/*:refs/tags/*'"
                + (" '+refs/exps/*:refs/exps/*'" if any(each.startswith("exps/") for each in absent) else ""),
                details={"remote": name, "count": len(absent), "refs": absent[:100]},
            )
        tips += [oid for oid in found if oid is not None]
    return sorted(set(tips))


def work_trees(git: Git) -> list[WorkTree]:
    """The work tree at hand and all others; IncompleteError naming one that is not where git knows it to be."""
    linked = os.path.join(git.common, "worktrees")
    names = sorted(os.listdir(linked)) if os.path.isdir(linked) else []
    found = [WorkTree(git.root, git.directory)]
    if git.directory != git.common and (main := _main_root(git)) is not None:
        found.append(WorkTree(main, git.common))
    for name in names:
        directory = os.path.join(linked, name)
        if os.path.realpath(directory) == os.path.realpath(git.directory):
            continue
        link = os.path.join(directory, os.fsdecode(_content(os.path.join(directory, "gitdir"))).rstrip("\n"))
        if not os.path.isfile(link):
            raise IncompleteError(
                f"the work tree {os.path.dirname(link)} of this repository is not there, and what it needs is unknown",
                hint="git worktree prune, if it is gone for good; git worktree repair, if it was moved",
            )
        found.append(WorkTree(os.path.normpath(os.path.dirname(link)), directory))
    return found


def refuse_busy_anywhere(git: Git, trees: Sequence[WorkTree]) -> None:
    """InProgressError while git is in the middle of something in one of the work trees."""
    git.refuse_busy()
    for tree in trees:
        words = Git(tree.root, tree.directory, git.common).busy_with()
        if words is not None:
            raise InProgressError(
                f"git is in the middle of {words} in {tree.root}", hint="finish or abort it there, then run this again"
            )


def texts_ever(git: Git, trees: Sequence[WorkTree], *patterns: str, also: Sequence[str]) -> Iterator[Text]:
    """The texts of files whose paths fit one of the patterns of git, each text once.

    From all commits that git keeps, and those that `also` leads to; from all indexes, also where a merge left them
    undecided; from the files of all work trees that git does not ignore. Errors: GitError where a commit or a tree
    is not there, MissingDataError where a text is not, BadManifestError for one that is too large.
    """
    places = _in_commits(git, patterns, also=also)
    for tree in trees:
        places.update(_in_index(tree, patterns))
    yield from _read(git, places)
    for tree in trees:
        for text in _in_files(tree, patterns):
            if text.blob not in places:
                places[text.blob] = text.path
                yield text


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return b""


def _main_root(git: Git) -> str | None:
    """Where the main work tree is; None for a bare repository."""
    first = os.fsdecode(git.run("worktree", "list", "--porcelain", "-z")).split("\0\0")[0].split("\0")
    return None if "bare" in first else first[0].removeprefix("worktree ")


def _in_commits(git: Git, patterns: Sequence[str], *, also: Sequence[str]) -> dict[str, str]:
    """Blob -> path of every file in the tree of any commit: whatever is in a tree differs from all parents once."""
    options = (
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
        "--diff-merges=combined",
        "--full-history",
        "--no-show-signature",
        "--format=",
        "--all",
        "--reflog",
        "--stdin",
    )
    given = "".join(f"{each}\n" for each in also).encode()
    command = ("-c", "log.showRoot=true", "log", *options, "--", *patterns)
    output = git.run(*command, stdin=given, environment=_AS_RECORDED)
    cells = iter(output.split(b"\0"))
    found: dict[str, str] = {}
    for cell in cells:
        row = cell.lstrip(b"\n")
        if row.startswith(b":"):
            path = next(cells)
            parents = len(row) - len(row.lstrip(b":"))
            words = row.decode().split(" ")
            if words[parents].startswith("100"):  # a file, and no deletion, link or submodule
                found[words[2 * parents + 1]] = os.fsdecode(path)
    return found


def _in_index(tree: WorkTree, patterns: Sequence[str]) -> dict[str, str]:
    found = {}
    for row in run(tree.root, ["ls-files", "--stage", "-z", "--", *patterns]).stdout.split(b"\0"):
        head, _, path = row.partition(b"\t")
        if head.startswith(b"100"):
            found[head.split(b" ")[1].decode()] = os.fsdecode(path)
    return found


def _blob_of(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _in_files(tree: WorkTree, patterns: Sequence[str]) -> Iterator[Text]:
    listing = run(tree.root, ["ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns]).stdout
    for path in sorted({os.fsdecode(row) for row in listing.split(b"\0") if row}):
        where = os.path.join(tree.root, path)
        if os.path.isfile(where) and not os.path.islink(where):
            with open(where, "rb") as stream:
                content = whole(stream.read(MAXIMUM_BYTES + 1), name=path)
            yield Text(path, content, _blob_of(content))


def _read(git: Git, places: Mapping[str, str]) -> Iterator[Text]:
    """The texts, read so many at a time that they are not all in memory at once."""
    names = sorted(places)
    given = "".join(f"{name}\n" for name in names).encode()
    output = git.run("cat-file", "--batch-check=%(objectsize)", stdin=given)
    batch, weight = list[str](), 0
    for name, line in zip(names, output.split(b"\n"), strict=False):
        if line.endswith(b"missing"):
            raise MissingDataError(
                f"{places[name]}, as a commit has it, is not here",
                hint=f"git cat-file -p {name} shows it; a partial clone fetches it",
                details={"file": places[name], "blob": name},
            )
        batch.append(name)
        weight += int(line)
        if weight > _BATCH_BYTES:
            yield from _contents(git, batch, places)
            batch, weight = [], 0
    yield from _contents(git, batch, places)


def _contents(git: Git, names: Sequence[str], places: Mapping[str, str]) -> Iterator[Text]:
    for name, content in git.blobs(names, paths={name: places[name] for name in names}).items():
        yield Text(places[name], whole(content, name=places[name]), name)
