"""A dsv repository: where it lies, its settings, its lock, and what it knows."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsv.adapters.git import Git
from dsv.errors import LockedError, NoRepositoryError
from dsv.model.progress import Progress, Tell, unseen, untold
from dsv.repository import files, lock
from dsv.repository.layout import SETTINGS, Layout

if TYPE_CHECKING:
    from dsv.model.reference import Ref
    from dsv.model.settings import ProjectSettings

LOCK_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Repository:
    """One DVC root in a git work tree; `state` is where derived things and the journal are kept."""

    git: Git
    layout: Layout
    state: str
    lock_timeout: float = LOCK_TIMEOUT_SECONDS
    tell: Tell = untold
    progress: Progress = unseen

    @classmethod
    def open(
        cls,
        path: str = ".",
        *,
        lock_timeout: float = LOCK_TIMEOUT_SECONDS,
        tell: Tell = untold,
        progress: Progress = unseen,
    ) -> Repository:
        """The repository that the path lies in; NoRepositoryError where dsv or git has none."""
        where = os.path.realpath(path)
        if not os.path.isdir(where):
            raise NoRepositoryError(f"{path} is not a directory", hint="name one inside a repository")
        git = Git.discover(where)
        root = _dvc_root(where, below=git.root)
        if root is None:
            raise NoRepositoryError(f"{git.root} is not a dsv repository yet", hint="run: dsv init")
        repository = cls.at(git, root, lock_timeout=lock_timeout, tell=tell, progress=progress)
        if os.path.exists(repository.journal_file):
            # A process that still holds the lock is at work, not killed: what it has done so far is not looked at.
            with contextlib.suppress(LockedError), replace(repository, lock_timeout=0).exclusively("recovery"):
                pass
        return repository

    @classmethod
    def at(
        cls,
        git: Git,
        root: str,
        *,
        lock_timeout: float = LOCK_TIMEOUT_SECONDS,
        tell: Tell = untold,
        progress: Progress = unseen,
    ) -> Repository:
        """The repository whose DVC root is known, whether or not DVC is set up there already."""
        prefix = "" if root == git.root else os.path.relpath(root, git.root).replace(os.sep, "/")
        state = os.path.join(git.common, "dsv")
        if prefix:
            state = os.path.join(state, "below", hashlib.sha256(prefix.encode()).hexdigest()[:12])
        layout = Layout(root, prefix, manifests_directory(root))
        return cls(git, layout, state, lock_timeout, tell, progress)

    def home_of(self, reference: Ref) -> Repository:
        """The repository with the DVC root that the reference names; this one where it names none."""
        if reference.prefix in ("", self.layout.prefix):
            return self
        root = os.path.join(self.git.root, *reference.prefix.split("/"))
        if not os.path.isdir(os.path.join(root, ".dvc")):
            raise NoRepositoryError(
                f"{reference.prefix} is no DVC root in this git repository",
                hint=f"write {reference.dataset} for the dataset of this one",
            )
        return Repository.at(self.git, root, lock_timeout=self.lock_timeout, tell=self.tell, progress=self.progress)

    @property
    def journal_file(self) -> str:
        """Where an unfinished operation is written down."""
        return self.private("journal.json")

    def private(self, name: str) -> str:
        """The path of a file of dsv's own that belongs to this work tree, on the file system of git's index."""
        return os.path.join(self.git.directory, "dsv", name)

    @property
    def linked(self) -> bool:
        """Whether this is a linked work tree."""
        return self.git.directory != self.git.common

    @property
    def work_state(self) -> str:
        """Where things are kept that are derived from this work tree's files."""
        name = hashlib.sha256(self.git.directory.encode()).hexdigest()[:12] if self.linked else "main"
        return os.path.join(self.state, "work", name)

    @contextlib.contextmanager
    def exclusively(self, operation: str) -> Iterator[None]:
        """Hold the repository's lock; what a killed command left is finished or undone first, and told."""
        from dsv.repository.recovery import recover

        self.git.require_supported()
        path = os.path.join(self.git.common, "dsv", "lock")
        with lock.exclusive(path, operation=operation, timeout=self.lock_timeout, tell=self.tell):
            recover(self)
            yield

    def settings(self) -> ProjectSettings:
        """dsv.yaml, or the defaults where there is none."""
        from dsv.model.settings import ProjectSettings, load_settings

        content = files.read_bytes(self.layout.absolute(SETTINGS))
        if content is None:
            return ProjectSettings()
        loaded = load_settings(content, file=SETTINGS)
        for warning in loaded.warnings:
            self.tell(warning)
        return loaded.value


def _dvc_root(path: str, *, below: str) -> str | None:
    """The nearest directory at or above the path that holds .dvc, not leaving the git work tree."""
    where = path
    while where == below or where.startswith(below + os.sep):
        if os.path.isdir(os.path.join(where, ".dvc")):
            return where
        where = os.path.dirname(where)
    return None


def manifests_directory(root: str) -> str:
    """The `manifests` setting; the file is parsed only when it sets one, because every command asks."""
    content = files.read_bytes(os.path.join(root, SETTINGS)) or b""
    if not re.search(rb"(?m)^[\"']?manifests", content):
        return "manifests"
    from dsv.model.settings import load_settings

    return load_settings(content, file=SETTINGS).value.manifests
