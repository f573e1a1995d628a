"""What an operation is about to write, on the disk before it writes: so that it can be finished or undone.

A work tree has at most one journal, because its repository has one lock. It holds the text of every file
from before, and the ids of the commit and the tags as soon as there are any; whether that commit is in
HEAD's history decides afterwards between finishing and undoing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from typing import Any

from dsv.errors import DiskError, OutsideError
from dsv.repository import files


class Course(Enum):
    """How an unfinished operation is brought to an end."""

    BY_COMMIT = "by commit"
    """It is finished when its commit is in HEAD's history, else undone."""
    ONWARD = "onward"
    """It is finished: nothing of what it does needs to be taken back."""


@dataclass(frozen=True)
class Journal:
    """One unfinished operation; paths are relative to git's root.

    `before` is the base64 of each file's content (None: there was none), `after` the SHA-256 of what we
    write (None: we delete it); `directories` are new ones, or files, that undoing removes; `saved_work` is git's
    commit of the user's uncommitted changes. `tags` are names with the ids of their tag objects. `data` is
    the version, `NAME@X.Y.Z`, whose data the work tree is to have when all is done. `onto` is the commit that
    HEAD was at, `forgotten` are files that git is to track no more and that nobody touches. `clean` is the SHA-256 of
    files with changes of the user's in them, as the commit has them, without those; `stash` is the newest entry of
    git's list of stashes before the hooks ran ("" when it was empty, None when they did not). `moves` are paths of
    data, from where it lies to where it belongs once the commit is made. `dropped` is a commit that HEAD is to leave
    for `commit`, which does not come after it; `tags` then are what they were, and `retagged` what they are to be.
    Directories and files that are `discarded` go when all is done. `refs` are all refs that git is to move, with the
    ids they get ("" for none), so that its locks on them are known to be ours. `course` says how what was begun can
    end. `placing` is data on its way into the work tree, see `dsv.repository.writing.placing`.
    """

    operation: str
    before: Mapping[str, str | None]
    after: Mapping[str, str | None]
    directories: Sequence[str] = ()
    saved_work: str | None = None
    commit: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    data: str | None = None
    onto: str | None = None
    forgotten: Sequence[str] = ()
    clean: Mapping[str, str] = field(default_factory=dict)
    stash: str | None = None
    moves: Mapping[str, str] = field(default_factory=dict)
    dropped: str | None = None
    retagged: Mapping[str, str] = field(default_factory=dict)
    discarded: Sequence[str] = ()
    refs: Mapping[str, str] = field(default_factory=dict)
    course: str = Course.BY_COMMIT.value
    placing: Mapping[str, Any] = field(default_factory=dict)

    def committed(self, commit: str, *, onto: str | None, tags: Mapping[str, str], refs: Mapping[str, str]) -> Journal:
        """The same, knowing the objects it leads to."""
        return replace(self, commit=commit, onto=onto, tags=dict(tags), refs=dict(refs))

    def onward(self, placing: Mapping[str, Any]) -> Journal:
        """The same, as one that brings data into the work tree and can only be finished."""
        return replace(self, course=Course.ONWARD.value, placing=placing)


def start(
    operation: str,
    *,
    root: str,
    writes: Mapping[str, bytes | None],
    directories: Sequence[str],
    saved_work: str | None,
    data: str | None,
    forgotten: Sequence[str] = (),
    moves: Mapping[str, str] | None = None,
    discarded: Sequence[str] = (),
) -> Journal:
    """The journal of an operation that is about to write these files below the root."""
    contents = {path: files.read_bytes(os.path.join(root, path)) for path in writes}
    return Journal(
        operation=operation,
        before={path: None if old is None else base64.b64encode(old).decode() for path, old in contents.items()},
        after={path: None if new is None else hashlib.sha256(new).hexdigest() for path, new in writes.items()},
        directories=list(directories),
        saved_work=saved_work,
        data=data,
        forgotten=list(forgotten),
        moves=dict(moves or {}),
        discarded=list(discarded),
    )


def save(journal: Journal, path: str) -> None:
    """The journal is on the disk when this returns."""
    files.sweep(path)
    files.write_bytes(path, json.dumps(asdict(journal), indent=1).encode())


def load(path: str) -> Journal | None:
    """The journal of an operation that did not finish; None when there is none."""
    content = files.read_bytes(path)
    if content is None:
        return None
    try:
        found = Journal(**json.loads(content))
        named = [*found.before, *found.after, *found.directories, *found.moves, *found.moves.values()]
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise DiskError(f"the journal {path} is damaged", hint="move it away after a look at git status") from error
    if foreign := next((name for name in named if not _is_of_work_tree(name)), None):
        raise OutsideError(
            f"the journal {path} names {foreign!a}, which lies outside of the work tree: dsv did not write it",
            hint="do not work in a repository whose .git somebody else made: clone it",
        )
    return found


def _is_of_work_tree(path: object) -> bool:
    return isinstance(path, str) and {"", ".", "..", ".git"}.isdisjoint(path.split("/"))


Change = Callable[[Journal], Journal]


def as_they_are(journal: Journal, *, root: str) -> Journal:
    """The same, taking what the files are now for what the operation made of them."""
    return replace(journal, after={path: _digest(os.path.join(root, path)) for path in journal.after})


def untouched(journal: Journal, *, root: str) -> bool:
    """Whether every file is as the operation wrote it."""
    return all(_digest(os.path.join(root, path)) == after for path, after in journal.after.items())


def changed_since(journal: Journal, *, root: str) -> list[str]:
    """The files that are neither as the operation found them nor as it left them."""
    found = []
    for path, old in journal.before.items():
        before = None if old is None else hashlib.sha256(base64.b64decode(old)).hexdigest()
        if _digest(os.path.join(root, path)) not in (before, journal.after[path]):
            found.append(path)
    return found


def undo(journal: Journal, *, root: str) -> list[str]:
    """Put back what was there before; returns the files that somebody changed since, which stay as they are."""
    kept = []
    for path, old in journal.before.items():
        absolute = os.path.join(root, path)
        content = None if old is None else base64.b64decode(old)
        if files.read_bytes(absolute) == content:
            continue
        if _digest(absolute) not in (journal.after[path], journal.clean.get(path, journal.after[path])):
            kept.append(path)
        elif content is None:
            files.remove(absolute)
        else:
            files.write_bytes(absolute, content)
    for directory in journal.directories:
        _remove(os.path.join(root, directory))
    sweep(journal, root=root)
    for path in (*journal.before, *journal.directories):
        _remove_empty(os.path.dirname(os.path.join(root, path)), root=root)
    return kept


def discard(journal: Journal, *, root: str) -> list[str]:
    """The directories are gone that have no use any more when the operation is finished; those are told that stay."""
    return [directory for directory in journal.discarded if not _gone(os.path.join(root, directory))]


def _gone(directory: str) -> bool:
    """Whether the directory is not there any more; a disk that let one file stay is asked once more."""
    for _ in range(2):
        _remove(directory)
        if not os.path.lexists(directory):
            return True
    return False


def _remove(path: str) -> None:
    """Remove a directory, or a file, as far as the disk lets it go; a link is none of ours."""
    if os.path.islink(path):
        return
    with suppress(OSError):
        os.unlink(path)
    shutil.rmtree(path, ignore_errors=True)


def move_data(journal: Journal, *, root: str) -> None:
    """The data lies where it belongs; what was moved already stays."""
    for old, new in journal.moves.items():
        source, target = os.path.join(root, old), os.path.join(root, new)
        if os.path.lexists(source) and not os.path.lexists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.rename(source, target)
            _remove_empty(os.path.dirname(source), root=root)


def sweep(journal: Journal, *, root: str) -> None:
    """No file is left that only a write cut short could have left."""
    for path in journal.before:
        files.sweep(os.path.join(root, path))


def _digest(path: str) -> str | None:
    content = files.read_bytes(path)
    return None if content is None else hashlib.sha256(content).hexdigest()


def _remove_empty(directory: str, *, root: str) -> None:
    while directory.startswith(root + os.sep):
        try:
            os.rmdir(directory)
        except OSError:
            return
        directory = os.path.dirname(directory)
