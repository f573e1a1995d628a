"""One release in git: a commit of our paths only, its tag, and both refs moved in one transaction."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsv.adapters.git.process import run
from dsv.errors import ConflictError, ExistsError, GitError

if TYPE_CHECKING:
    from dsv.adapters.git.repository import Entry, Git

SharedEdit = Callable[[str], str]
"""A text edit of a file that others write too; made on HEAD's text, the index's text and the working file."""


@dataclass(frozen=True)
class Patch:
    """What a commit changes: own files whole (None deletes), shared files by an edit; paths from git's root."""

    own: Mapping[str, bytes | None] = field(default_factory=dict)
    shared: Mapping[str, SharedEdit] = field(default_factory=dict)

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths it touches."""
        return (*self.own, *self.shared)


@dataclass(frozen=True)
class Commit:
    """A commit that exists as an object but that no ref names yet, with what it holds at our paths."""

    id: str
    parent: str | None
    entries: Mapping[str, str | None]


def build_commit(git: Git, patch: Patch, *, message: str, scratch: str) -> Commit:
    """HEAD's tree plus the patch, as a commit object; the user's index and work tree are not looked at.

    `scratch` is where a temporary index may be written.
    """
    parent = git.head()
    entries: dict[str, str | None] = {}
    for path, content in patch.own.items():
        entries[path] = None if content is None else _write_blob(git, path, content)
    before = _texts(git, git.tree(parent, *patch.shared) if parent and patch.shared else {})
    for path, edit in patch.shared.items():
        entries[path] = _write_blob(git, path, edit(before.get(path, "")).encode())
    environment = {"GIT_INDEX_FILE": scratch}
    try:
        git.run("read-tree", *([parent] if parent else ["--empty"]), environment=environment)
        _put(git, entries, environment=environment)
        tree = git.run("write-tree", environment=environment).decode().strip()
    finally:
        if os.path.exists(scratch):
            os.unlink(scratch)
    parents = ("-p", parent) if parent else ()
    commit = git.run("commit-tree", tree, *parents, "-F", "-", stdin=message.encode()).decode().strip()
    return Commit(commit, parent, entries)


def build_tag(git: Git, name: str, *, commit: str, message: str) -> str:
    """The id of a new annotated tag object; no ref names it yet."""
    tagger = git.run("var", "GIT_COMMITTER_IDENT").decode(errors="surrogateescape").strip()
    content = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n\n{message.rstrip()}\n"
    return git.run("mktag", stdin=content.encode(errors="surrogateescape")).decode().strip()


def move_refs(git: Git, commit: Commit, *, tags: Mapping[str, str], reason: str) -> None:
    """Let the branch and the tags name the new objects: all of them, or, when anything moved meanwhile, none."""
    absent = "0" * len(commit.id)
    _update_refs(git, [f"update HEAD {commit.id} {commit.parent or absent}"], tags=tags, reason=reason)


def create_tags(git: Git, messages: Mapping[str, str], *, commit: str) -> None:
    """Annotated tags of these names and messages on the commit: all of them, or none."""
    tags = {name: build_tag(git, name, commit=commit, message=message) for name, message in messages.items()}
    _update_refs(git, [], tags=tags, reason="dsv: tag")


def _update_refs(git: Git, updates: Sequence[str], *, tags: Mapping[str, str], reason: str) -> None:
    lines = ["start", *updates, *(f"create refs/tags/{name} {tag}" for name, tag in tags.items()), "prepare", "commit"]
    done = run(
        git.root,
        ["update-ref", "-m", reason, "--stdin"],
        stdin=("\n".join(lines) + "\n").encode(),
        accept=(0, 1, 128),
    )
    if not done.returncode:
        return
    said = done.stderr.decode(errors="replace").strip()
    if "reference already exists" in said and "refs/tags/" in said:
        raise ExistsError(f"the tag {', '.join(tags)} exists already", hint="git tag -l shows it")
    if "but expected" in said or "unable to resolve" in said or "already exists" in said:
        raise ConflictError("the branch moved while dsv was at work; nothing was released", hint="run it again")
    if ".lock" in said:
        raise ConflictError("another git process holds the branch; nothing was released", hint="run it again")
    raise GitError(f"git update-ref failed: {said.splitlines()[-1] if said else 'no reason given'}")


def patch_index(git: Git, commit: Commit, *, shared: Mapping[str, SharedEdit]) -> None:
    """Bring our paths into the user's index; what the user staged in shared files stays staged beside ours."""
    before = git.staged(*shared) if shared else {}
    texts = _texts(git, before)
    entries = dict(commit.entries)
    for path, edit in shared.items():
        if path in texts:
            entries[path] = _write_blob(git, path, edit(texts[path]).encode())
    _put(git, entries, environment={})
    git.run("update-index", "-q", "--refresh", accept=(0, 1))


def _texts(git: Git, entries: Mapping[str, Entry]) -> dict[str, str]:
    contents = git.blobs(entry.blob for entry in entries.values())
    return {path: contents[entry.blob].decode() for path, entry in entries.items()}


def _write_blob(git: Git, path: str, content: bytes) -> str:
    """Through git's clean filters, so that an encrypting filter sees the file too."""
    return git.run("hash-object", "-w", "--stdin", f"--path={path}", stdin=content).decode().strip()


def _put(git: Git, entries: Mapping[str, str | None], *, environment: Mapping[str, str]) -> None:
    absent = "0" * max((len(blob) for blob in entries.values() if blob), default=40)
    rows = [
        (f"0 {absent}" if blob is None else f"100644 {blob}").encode() + b"\t" + os.fsencode(path) + b"\0"
        for path, blob in entries.items()
    ]
    git.run("update-index", "-z", "--index-info", stdin=b"".join(rows), environment=environment)


def adopt_into_index(git: Git, commit: str, *, paths: Sequence[str]) -> None:
    """Bring the commit's files at the paths into the user's index, where it still has what was there before.

    For a commit that is in HEAD already but whose `patch_index` was cut short.
    """
    parents = git.run("rev-list", "--parents", "--max-count=1", commit).decode().split()[1:]
    before = git.tree(parents[0], *paths) if parents else {}
    after, staged = git.tree(commit, *paths), git.staged(*paths)
    entries = {
        path: after[path].blob if path in after else None for path in paths if staged.get(path) == before.get(path)
    }
    _put(git, entries, environment={})
    git.run("update-index", "-q", "--refresh", accept=(0, 1))
