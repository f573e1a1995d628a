"""One release in git: a commit of our paths only, its tag, and both refs moved in one transaction."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from dsv.adapters.git.process import run
from dsv.adapters.git.repository import Entry, Git
from dsv.errors import ConflictError, ExistsError, GitError, InProgressError

_FILE_MODE = "100644"
_HELD = b"held by dsv\n"
_STALE_LOCK = "run this again when it has finished; if none runs, one was killed: remove .git/index.lock"

SharedEdit = Callable[[str], str]
"""A text edit of a file that others write too; made on HEAD's text, the index's text and the working file."""


@dataclass(frozen=True)
class Patch:
    """What a commit changes: own files whole (None deletes), shared files by an edit; paths from git's root.

    `forgotten` are files that the commit and the index have no more, and the work tree keeps.
    """

    own: Mapping[str, bytes | None] = field(default_factory=dict)
    shared: Mapping[str, SharedEdit] = field(default_factory=dict)
    forgotten: Sequence[str] = ()


@dataclass(frozen=True)
class Author:
    """Who made what a commit holds, and when, in a form that git reads."""

    name: str
    email: str
    date: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which git is told; it takes no empty name."""
        return {
            "GIT_AUTHOR_NAME": self.name or self.email or "unknown",
            "GIT_AUTHOR_EMAIL": self.email,
            "GIT_AUTHOR_DATE": self.date,
        }


@dataclass(frozen=True)
class Commit:
    """A commit that exists as an object but that no ref names yet, with what it holds at our paths.

    Of several, each upon the one before, it is the last; `onto` is the commit that HEAD is at below them all.
    """

    id: str
    onto: str | None
    entries: Mapping[str, Entry | None]


def edited(content: bytes, edit: SharedEdit) -> bytes:
    """The content with the edit made; bytes that are no UTF-8 pass through it as they are."""
    return edit(content.decode(errors="surrogateescape")).encode(errors="surrogateescape")


def build_commit(
    git: Git, patch: Patch, *, message: str, scratch: str, upon: Commit | None = None, author: Author | None = None
) -> Commit:
    """HEAD's tree plus the patch, as a commit object; the user's index and work tree are not looked at.

    `scratch` is where a temporary index may be written. `upon` is a commit built before that is to be the parent in
    place of HEAD, `author` somebody other than who commits.
    """
    onto = git.head() if upon is None else upon.onto
    parent = onto if upon is None else upon.id
    entries: dict[str, Entry | None] = dict.fromkeys(patch.forgotten)
    for path, content in patch.own.items():
        entries[path] = None if content is None else Entry(_FILE_MODE, _write_blob(git, path, content))
    entries.update(
        _edited_entries(git, git.tree(parent, *patch.shared) if parent and patch.shared else {}, patch.shared)
    )
    environment = {"GIT_INDEX_FILE": scratch}
    _clear(scratch)
    try:
        git.run("read-tree", *([parent] if parent else ["--empty"]), environment=environment)
        _put(git, entries, environment=environment)
        tree = git.run("write-tree", environment=environment).decode().strip()
    finally:
        _clear(scratch)
    parents = ("-p", parent) if parent else ()
    made_by = None if author is None else author.environment
    commit = git.run("commit-tree", tree, *parents, "-F", "-", stdin=message.encode(), environment=made_by)
    return Commit(commit.decode().strip(), onto, {**(upon.entries if upon else {}), **entries})


def build_tag(git: Git, name: str, *, commit: str, message: str) -> str:
    """The id of a new annotated tag object; no ref names it yet."""
    tagger = git.run("var", "GIT_COMMITTER_IDENT").decode(errors="surrogateescape").strip()
    content = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n\n{message.rstrip()}\n"
    return git.run("mktag", stdin=content.encode(errors="surrogateescape")).decode().strip()


def move_refs(git: Git, commit: Commit, *, tags: Mapping[str, str], reason: str) -> None:
    """Let the branch and the tags name the new objects: all of them, or, when anything moved meanwhile, none."""
    absent = "0" * len(commit.id)
    _update_refs(git, [f"update HEAD {commit.id} {commit.onto or absent}"], tags=tags, reason=reason)


def create_tags(git: Git, messages: Mapping[str, str], *, commit: str) -> None:
    """Annotated tags of these names and messages on the commit: all of them, or none."""
    add_tags(git, {name: build_tag(git, name, commit=commit, message=text) for name, text in messages.items()})


def add_tags(git: Git, tags: Mapping[str, str]) -> None:
    """Tags of these names that are the given tag objects: all of them, or none."""
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


def hold_index(git: Git, *, scratch: str) -> None:
    """Keep git's own commands off the user's index, as git does while it commits; InProgressError when one is at it.

    The lock says whose it is, so that `let_index_go` never takes that of another process. `scratch` is
    where a temporary file may be written, on the file system of the index.
    """
    with open(scratch, "wb") as stream:
        stream.write(_HELD)
    try:
        _name_also(scratch, _index_lock(git))
    except FileExistsError:
        raise InProgressError("git is in the middle of another git command", hint=_STALE_LOCK) from None
    finally:
        os.unlink(scratch)


def let_index_go(git: Git) -> None:
    """The end of `hold_index`, also of one by a process that was killed."""
    if index_is_held(git):
        os.unlink(_index_lock(git))


def index_is_held(git: Git) -> bool:
    """Whether the lock on the user's index is one of `hold_index`."""
    try:
        with open(_index_lock(git), "rb") as stream:
            return stream.read(len(_HELD) + 1) == _HELD
    except FileNotFoundError:
        return False


def prepare_index(git: Git, commit: Commit, *, shared: Mapping[str, SharedEdit], prepared: str) -> None:
    """The user's index with our paths as the commit has them, in another file; the caller holds the index.

    What the user staged in shared files stays staged beside ours: the edit is made on the staged text.
    """
    staged = git.staged(*commit.entries)
    _write_index(git, {**commit.entries, **_edited_entries(git, staged, shared)}, prepared=prepared)


def publish_index(git: Git, *, prepared: str) -> None:
    """The prepared index becomes the user's, and git's commands may use it again."""
    os.replace(prepared, os.path.join(git.directory, "index"))
    let_index_go(git)


def adopt_into_index(git: Git, commit: Commit, *, paths: Sequence[str], prepared: str) -> None:
    """Bring the commit's files at the paths into the user's index, where it still has what was there before.

    For a commit that is in HEAD already but whose index was never published; the caller holds the index.
    """
    before = git.tree(commit.onto, *paths) if commit.onto else {}
    after, staged = git.tree(commit.id, *paths), git.staged(*paths)
    _write_index(
        git, {path: after.get(path) for path in paths if staged.get(path) == before.get(path)}, prepared=prepared
    )
    publish_index(git, prepared=prepared)


def _edited_entries(git: Git, before: Mapping[str, Entry], shared: Mapping[str, SharedEdit]) -> dict[str, Entry]:
    """Each shared file with its edit made on what was there before; a file that was not there was empty."""
    places = {before[path].blob: path for path in shared if path in before}
    contents = git.blobs(places, paths=places)
    entries = {}
    for path, edit in shared.items():
        old = before.get(path)
        content = edited(contents[old.blob] if old else b"", edit)
        entries[path] = Entry(old.mode if old else _FILE_MODE, _write_blob(git, path, content))
    return entries


def _write_index(git: Git, entries: Mapping[str, Entry | None], *, prepared: str) -> None:
    _clear(prepared)
    own = os.path.join(git.directory, "index")
    if os.path.exists(own):
        shutil.copyfile(own, prepared)
    environment = {"GIT_INDEX_FILE": prepared}
    _put(git, entries, environment=environment)
    git.run("update-index", "-q", "--refresh", accept=(0, 1), environment=environment)


def _clear(index: str) -> None:
    """Neither the temporary index nor the lock that a killed git left on it."""
    for path in (index, f"{index}.lock"):
        with suppress(FileNotFoundError):
            os.unlink(path)


def _write_blob(git: Git, path: str, content: bytes) -> str:
    """Through git's clean filters, so that an encrypting filter sees the file too."""
    return git.run("hash-object", "-w", "--stdin", f"--path={path}", stdin=content).decode().strip()


def _put(git: Git, entries: Mapping[str, Entry | None], *, environment: Mapping[str, str]) -> None:
    absent = "0" * max((len(entry.blob) for entry in entries.values() if entry), default=40)
    rows = [
        (f"0 {absent}" if entry is None else f"{entry.mode} {entry.blob}").encode() + b"\t" + os.fsencode(path) + b"\0"
        for path, entry in entries.items()
    ]
    git.run("update-index", "-z", "--index-info", stdin=b"".join(rows), environment=environment)


def _index_lock(git: Git) -> str:
    return os.path.join(git.directory, "index.lock")


def _name_also(path: str, other: str) -> None:
    """The whole file under another name as well; FileExistsError when that is taken."""
    try:
        os.link(path, other)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: a kill between the two steps leaves an empty file
        with open(path, "rb") as source, open(other, "xb") as target:
            target.write(source.read())
