"""A project that uses datasets of other repositories: where its dsv.lock lies, read and written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dsv.adapters.dvc import gitignore_with
from dsv.adapters.git.around import work_tree_around
from dsv.errors import NoPathError, OutsideError
from dsv.model.pins import FILE_NAME, Lock, dump_lock, load_lock
from dsv.model.progress import Progress, Tell, unseen, untold
from dsv.repository import files
from dsv.repository.user_cache import user_cache
from dsv.repository.writing import lock

_IGNORED = ".gitignore"


@dataclass(frozen=True)
class Consumer:
    """A directory with a dsv.lock, or one that is to have it; neither git nor DVC need know of it.

    `state` is where is kept what a sync has put there. With `git_root` it lies in git's directory, else in the user's
    cache: losing it loses no data.
    """

    root: str
    state: str
    git_root: str | None = None
    lock_timeout: float = 30.0
    tell: Tell = untold
    progress: Progress = unseen

    @property
    def file(self) -> str:
        """The path of its dsv.lock."""
        return os.path.join(self.root, FILE_NAME)

    @property
    def pinned(self) -> bool:
        """Whether it has a dsv.lock."""
        return os.path.lexists(self.file)

    @property
    def in_repository(self) -> bool:
        """Whether it lies in a DVC root, and so may be a repository of datasets itself."""
        where = self.root
        while not os.path.isdir(os.path.join(where, ".dvc")):
            if self.git_root is None or where == self.git_root or where == os.path.dirname(where):
                return False
            where = os.path.dirname(where)
        return True

    def read(self) -> Lock:
        """What is locked; nothing without a file. BadManifestError for one that does not read as it must."""
        content = files.read_text(self.file, shown=FILE_NAME)
        if content is None:
            return Lock()
        loaded = load_lock(content)
        for warning in loaded.warnings:
            self.tell(warning)
        return loaded.value

    def required(self) -> Lock:
        """What is locked; NoPathError without a file."""
        if not self.pinned:
            raise NoPathError(
                f"there is no {FILE_NAME} in {self.root}", hint="dsv pin add REPOSITORY NAME@RANGE makes one"
            )
        return self.read()

    def write(self, wanted: Lock) -> bool:
        """Whether the file had to change so that this is locked: another text takes its place at once, or none."""
        before = self.read() if self.pinned else None
        if before == wanted:
            return False
        files.write_bytes(self.file, dump_lock(wanted))
        return True

    @contextmanager
    def exclusively(self, operation: str) -> Iterator[None]:
        """Nobody else changes the lock file, or the data that it brings, meanwhile."""
        path = os.path.join(self.state, "lock")
        with lock.exclusive(path, operation=operation, timeout=self.lock_timeout, tell=self.tell):
            files.sweep(self.file)
            for name in os.listdir(self.state):
                if name.endswith(".tmp"):  # of one that was killed
                    files.remove(os.path.join(self.state, name))
            yield

    def keep_out_of_git(self, place: str) -> bool:
        """Whether a line of .gitignore had to be written so that git does not take the data at the place."""
        if self.git_root is None:
            return False
        directory, _, name = place.rpartition("/")
        file = f"{directory}/{_IGNORED}" if directory else _IGNORED
        target = files.below(self.root, file)
        files.sweep(target)
        before = (files.read_text(target, shown=file) or b"").decode(errors="surrogateescape")
        after = gitignore_with(before, name)
        if after == before:
            return False
        files.write_bytes(target, after.encode(errors="surrogateescape"))
        return True

    def place(self, path: str) -> str:
        """Where a path of a pin lies in this file system; OutsideError where a symbolic link leads elsewhere."""
        target = files.below(self.root, path)
        if os.path.islink(target):
            raise OutsideError(f"{path} is a symbolic link; dsv does not write through it", hint="take it away")
        return target


def find_consumer(
    path: str = ".", *, lock_timeout: float = 30.0, tell: Tell = untold, progress: Progress = unseen
) -> Consumer:
    """The project around the path: the nearest directory with a dsv.lock, not leaving git's work tree, else the path.

    NoPathError for what is no directory.
    """
    start = os.path.realpath(path)
    if not os.path.isdir(start):
        raise NoPathError(f"{path} is not a directory", hint="name one, or go there")
    around = work_tree_around(start)
    root = _with_lock_file(start, below=around[0]) if around else start
    if around is None:
        digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
        return Consumer(root, os.path.join(user_cache(), "consumers", digest), None, lock_timeout, tell, progress)
    relative = os.path.relpath(root, around[0])
    name = "pins" if relative == "." else f"pins-{hashlib.sha256(os.fsencode(relative)).hexdigest()[:12]}"
    return Consumer(root, os.path.join(around[1], "dsv", name), around[0], lock_timeout, tell, progress)


def _with_lock_file(start: str, *, below: str) -> str:
    where = start
    while where == below or where.startswith(below.rstrip(os.sep) + os.sep):
        if os.path.lexists(os.path.join(where, FILE_NAME)):
            return where
        where = os.path.dirname(where)
    return start
