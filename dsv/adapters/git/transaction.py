"""One release in git: a commit of our paths only, and the user's index with it. `references` then moves the refs."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from dsv.adapters.git.contents import whole
from dsv.adapters.git.past import Author
from dsv.adapters.git.repository import Entry, Git
from dsv.adapters.git.signing import commit_tree
from dsv.errors import InProgressError

_FILE_MODE = "100644"
_MOMENT_SECONDS = 3.0
_PAUSE_SECONDS = 0.02
_HELD = b"held by dsv\n"
_NO_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The id of the tree without entries, which git always knows."""

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
class Commit:
    """A commit that exists as an object but that no ref names yet, with what it holds at our paths.

    Of several, each upon the one before, it is the last; `onto` is the commit that HEAD is at below them all.
    `others` are the entries that hooks added.
    """

    id: str
    onto: str | None
    entries: Mapping[str, Entry | None] = field(default_factory=dict)
    others: Mapping[str, Entry | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Staged:
    """What is to be committed, in an index of its own: the parent's tree, our entries, `others` that hooks added.

    `entries` are those of this commit and of the commits it is built upon.
    """

    index: str
    parent: str | None
    onto: str | None
    entries: Mapping[str, Entry | None]
    others: Mapping[str, Entry | None] = field(default_factory=dict)


def edited(content: bytes, edit: SharedEdit) -> bytes:
    """The content with the edit made; bytes that are no UTF-8 pass through it as they are."""
    return edit(content.decode(errors="surrogateescape")).encode(errors="surrogateescape")


def stage(git: Git, patch: Patch, *, scratch: str, upon: Commit | None = None) -> Staged:
    """HEAD's tree plus the patch, as an index in the file `scratch`; the user's index and work tree stay as they are.

    `upon` is a commit built before that is to be the parent in place of HEAD.
    """
    onto = git.head() if upon is None else upon.onto
    parent = onto if upon is None else upon.id
    entries: dict[str, Entry | None] = dict.fromkeys(patch.forgotten)
    for path, content in patch.own.items():
        entries[path] = None if content is None else Entry(_FILE_MODE, write_blob(git, path, content))
    entries.update(
        _edited_entries(git, git.tree(parent, *patch.shared) if parent and patch.shared else {}, patch.shared)
    )
    # The user's index knows which files are unchanged, so that hooks that ask for differences need not read them all.
    copy_index(git, to=scratch)
    environment = {"GIT_INDEX_FILE": scratch}
    git.run("read-tree", *(["--reset", parent] if parent else ["--empty"]), environment=environment)
    put_entries(git, entries, environment=environment)
    return Staged(scratch, parent, onto, {**(upon.entries if upon else {}), **entries})


def restage(git: Git, staged: Staged, contents: Mapping[str, bytes]) -> Staged:
    """The same with other contents at some of our paths."""
    if not contents:
        return staged
    entries = {}
    for path, content in contents.items():
        old = staged.entries.get(path)
        entries[path] = Entry(old.mode if old else _FILE_MODE, write_blob(git, path, content))
    put_entries(git, entries, environment={"GIT_INDEX_FILE": staged.index})
    return replace(staged, entries={**staged.entries, **entries})


def refresh(git: Git, index: str) -> None:
    """Let an index know which files of the work tree are as it says, as git does before it runs hooks."""
    git.run("update-index", "-q", "--refresh", accept=(0, 1), environment={"GIT_INDEX_FILE": index})


def staged_tree(git: Git, staged: Staged) -> str:
    """The id of the tree that the staged index makes."""
    return git.run("write-tree", environment={"GIT_INDEX_FILE": staged.index}).decode().strip()


def differences(git: Git, old: str, new: str) -> dict[str, Entry | None]:
    """The entries that the new one of two trees, or commits, has where the old one has others; None where none."""
    if old == new:
        return {}
    cells = git.run("diff-tree", "-r", "-z", "--no-renames", old, new).split(b"\0")
    found: dict[str, Entry | None] = {}
    for head, path in zip(cells[::2], cells[1::2], strict=False):
        _, mode, _, blob, status = head.decode().split(" ")
        found[os.fsdecode(path)] = None if status == "D" else Entry(mode, blob)
    return found


def build_commit(git: Git, staged: Staged, *, message: str, author: Author | None = None) -> Commit:
    """What is staged, as a commit object, signed where git is told to sign; the staged index is gone then.

    `author` is somebody other than who commits.
    """
    tree = staged_tree(git, staged)
    clear_index(staged.index)
    parents = [staged.parent] if staged.parent else []
    made_by = {} if author is None else author.environment
    commit = commit_tree(git, tree, parents=parents, message=message, author=made_by)
    return Commit(commit, staged.onto, staged.entries, staged.others)


def hold_index(git: Git, *, scratch: str) -> None:
    """Keep git's own commands off the user's index, as git does while it commits; InProgressError when one is at it.

    One that takes but a moment, as `git status` in a prompt does, is waited for. The lock says whose it is, so that
    `let_index_go` never takes that of another process. `scratch` is where a temporary file may be written, on the
    file system of the index.
    """
    lock, deadline = _index_lock(git), time.monotonic() + _MOMENT_SECONDS
    with open(scratch, "wb") as stream:
        stream.write(_HELD)
    try:
        while True:
            try:
                _name_also(scratch, lock)
            except FileExistsError:
                if time.monotonic() >= deadline or _age_seconds(lock) >= _MOMENT_SECONDS:
                    raise InProgressError(
                        f"git is in the middle of another git command: {lock} is there", hint=_STALE_LOCK
                    ) from None
                time.sleep(_PAUSE_SECONDS)
            else:
                return
    finally:
        os.unlink(scratch)


def _age_seconds(path: str) -> float:
    try:
        return time.time() - os.stat(path).st_mtime
    except FileNotFoundError:
        return 0


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
    staged = git.staged(*commit.entries, *commit.others)
    looked_at = [*shared, *commit.others]
    before = git.tree(commit.onto, *looked_at) if commit.onto and looked_at else {}
    theirs = {path for path in looked_at if staged.get(path) != before.get(path)}
    added = {path: entry for path, entry in commit.others.items() if path not in theirs}
    edits = {path: edit for path, edit in shared.items() if path in theirs}
    _write_index(git, {**added, **commit.entries, **_edited_entries(git, staged, edits)}, prepared=prepared)


def publish_index(git: Git, *, prepared: str) -> None:
    """The prepared index becomes the user's, and git's commands may use it again."""
    os.replace(prepared, os.path.join(git.directory, "index"))
    let_index_go(git)


def adopt_into_index(git: Git, commit: Commit, *, prepared: str) -> None:
    """Bring what the commit changed into the user's index, where it still has what was there before.

    For a commit that is in HEAD already but whose index was never published; the caller holds the index.
    """
    after = differences(git, commit.onto or _NO_TREE, commit.id)
    before = git.tree(commit.onto, *after) if commit.onto and after else {}
    staged = git.staged(*after) if after else {}
    entries = {path: entry for path, entry in after.items() if staged.get(path) == before.get(path)}
    _write_index(git, entries, prepared=prepared)
    publish_index(git, prepared=prepared)


def _edited_entries(git: Git, before: Mapping[str, Entry], shared: Mapping[str, SharedEdit]) -> dict[str, Entry]:
    """Each shared file with its edit made on what was there before; a file that was not there was empty."""
    places = {before[path].blob: path for path in shared if path in before}
    contents = git.blobs(places, paths=places)
    entries = {}
    for path, edit in shared.items():
        old = before.get(path)
        content = edited(whole(contents[old.blob], name=path) if old else b"", edit)
        entries[path] = Entry(old.mode if old else _FILE_MODE, write_blob(git, path, content))
    return entries


def _write_index(git: Git, entries: Mapping[str, Entry | None], *, prepared: str) -> None:
    copy_index(git, to=prepared)
    put_entries(git, entries, environment={"GIT_INDEX_FILE": prepared})
    refresh(git, prepared)


def copy_index(git: Git, *, to: str) -> None:
    """The user's index in another file; that is gone where there is none."""
    clear_index(to)
    with suppress(FileNotFoundError):
        shutil.copyfile(os.path.join(git.directory, "index"), to)


def clear_index(index: str) -> None:
    """Neither the temporary index nor the lock that a killed git left on it."""
    for path in (index, f"{index}.lock"):
        with suppress(FileNotFoundError):
            os.unlink(path)


def write_blob(git: Git, path: str, content: bytes) -> str:
    """The id of the content's blob, made through git's clean filters: an encrypting one sees the file too."""
    return git.run("hash-object", "-w", "--stdin", f"--path={path}", stdin=content).decode().strip()


def put_entries(git: Git, entries: Mapping[str, Entry | None], *, environment: Mapping[str, str]) -> None:
    """Let the index that the environment names have these entries; None takes one out."""
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
