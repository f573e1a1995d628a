"""A dsv repository: where it lies, its settings, and where it keeps what is its own."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsv.adapters.git import Git
from dsv.adapters.git.work_tree import left_out
from dsv.errors import NoRepositoryError, OutsideError
from dsv.model.executor import LOCAL, Executor
from dsv.model.progress import Progress, Tell, unseen, untold
from dsv.repository import files
from dsv.repository.layout import SETTINGS, Layout

if TYPE_CHECKING:
    from dsv.model.reference import Ref
    from dsv.model.settings import ProjectSettings

LOCK_TIMEOUT_SECONDS = 30.0
_WRITTEN_BY_DVC = (
    ".dvc",
    ".dvc/config",
    ".dvc/config.local",
    ".dvc/cache",
    ".dvc/cache/files",
    ".dvc/cache/files/md5",
    ".dvc/tmp",
    *(f".dvc/tmp/{name}" for name in ("btime", "lock", "rwlock", "rwlock.lock", "updater", "updater.lock")),
)
USUAL_MANIFESTS = "manifests"
INDEX = "index.db"
"""The search index, in a repository's state."""


@dataclass(frozen=True)
class Repository:
    """One DVC root in a git work tree; `state` is where derived things and the journal are kept.

    With `staged`, texts by path from the DVC root, texts are read from there and not from the work tree.
    """

    git: Git
    layout: Layout
    state: str
    lock_timeout: float = LOCK_TIMEOUT_SECONDS
    tell: Tell = untold
    progress: Progress = unseen
    executor: Executor = LOCAL
    staged: Mapping[str, bytes] | None = None

    @classmethod
    def at(
        cls,
        git: Git,
        root: str,
        *,
        lock_timeout: float = LOCK_TIMEOUT_SECONDS,
        tell: Tell = untold,
        progress: Progress = unseen,
        manifests: str | None = None,
    ) -> Repository:
        """The repository whose DVC root is known, whether or not DVC is set up there already.

        Where its manifests are dsv.yaml says, unless that is told.
        """
        prefix = "" if root == git.root else os.path.relpath(root, git.root).replace(os.sep, "/")
        _refuse_links_of_dvc(git, root)
        layout = Layout(root, prefix, manifests_directory(root) if manifests is None else manifests)
        return cls(git, layout, state_directory(git, prefix), lock_timeout, tell, progress)

    def home_of(self, reference: Ref) -> Repository:
        """The repository with the DVC root that the reference names; this one where it names none."""
        if reference.prefix in ("", self.layout.prefix):
            return self
        home = self.with_root(reference.prefix)
        if not os.path.isdir(os.path.join(home.layout.root, ".dvc")):
            raise NoRepositoryError(
                f"{reference.prefix} is no DVC root in this git repository",
                hint=f"write {reference.dataset} for the dataset of this one",
            )
        return home

    def with_root(self, prefix: str) -> Repository:
        """The repository with another DVC root of the same git repository, by its path from git's root."""
        root = os.path.join(self.git.root, *prefix.split("/")) if prefix else self.git.root
        other = Repository.at(self.git, root, lock_timeout=self.lock_timeout, tell=self.tell, progress=self.progress)
        return replace(other, executor=self.executor)

    @property
    def journal_file(self) -> str:
        """Where an unfinished operation is written down."""
        return self.private("journal.json")

    @property
    def clones(self) -> str:
        """Where the metadata of other repositories is kept, for all DVC roots of this git repository."""
        shared = os.path.dirname(os.path.dirname(self.state)) if self.layout.prefix else self.state
        return os.path.join(shared, "repositories")

    @property
    def guard(self) -> str:
        """The file that is locked while git moves refs for dsv."""
        return self.private("update-ref")

    @property
    def push_note(self) -> str:
        """Where it is written down what a push under way does to refs of this clone."""
        return self.private("push.json")

    @property
    def push_guard(self) -> str:
        """The file that is locked while git pushes for dsv."""
        return self.private("push")

    def private(self, name: str) -> str:
        """The path of a file of dsv's own that belongs to this work tree, on the file system of git's index."""
        return os.path.join(self.git.directory, "dsv", name)

    @property
    def merges(self) -> str:
        """The directory of notes on merges whose data is not in this work tree yet; absent where there are none."""
        return self.private("merges")

    @property
    def linked(self) -> bool:
        """Whether this is a linked work tree."""
        return self.git.directory != self.git.common

    @property
    def work_state(self) -> str:
        """Where things are kept that are derived from this work tree's files."""
        name = hashlib.sha256(self.git.directory.encode()).hexdigest()[:12] if self.linked else "main"
        return os.path.join(self.state, "work", name)

    def text(self, path: str) -> bytes | None:
        """What the work tree has as this file, or would have but for a sparse checkout; None when there is none."""
        if self.staged is not None:
            return self.staged.get(path)
        content = files.read_text(self.layout.absolute(path), shown=path)
        return left_out(self.git, self.layout.in_git(path)) if content is None else content

    def settings(self) -> ProjectSettings:
        """dsv.yaml, or the defaults where there is none."""
        from dsv.model.settings import ProjectSettings, load_settings

        content = self.text(SETTINGS)
        if content is None:
            return ProjectSettings()
        loaded = load_settings(content, file=SETTINGS)
        for warning in loaded.warnings:
            self.tell(warning)
        return loaded.value


def state_directory(git: Git, prefix: str) -> str:
    """Where the repository with this DVC root, "" for git's own, keeps what is derived."""
    state = os.path.join(git.common, "dsv")
    return os.path.join(state, "below", hashlib.sha256(prefix.encode()).hexdigest()[:12]) if prefix else state


def _refuse_links_of_dvc(git: Git, root: str) -> None:
    """OutsideError where a clone brings links where DVC writes; one's own, say of the cache, are one's own."""
    for name in _WRITTEN_BY_DVC:
        path = os.path.join(root, *name.split("/"))
        if os.path.islink(path) and git.staged(os.path.relpath(path, git.root).replace(os.sep, "/")):
            raise OutsideError(
                f"git keeps {name} as a symbolic link to {os.readlink(path)!a}, and DVC would write there",
                hint=f"git rm --cached {name}, and find out who made it",
                details={"path": name},
            )


def manifests_directory(root: str) -> str:
    """The `manifests` setting of the dsv.yaml in the directory."""
    return manifests_setting(files.read_text(os.path.join(root, SETTINGS), shown=SETTINGS) or b"")


def manifests_setting(content: bytes, *, file: str = SETTINGS) -> str:
    """The `manifests` setting; the text is parsed only when it sets one, because every command asks."""
    if not re.search(rb"(?m)^[\"']?manifests", content):
        return USUAL_MANIFESTS
    from dsv.model.settings import load_settings

    return load_settings(content, file=file).value.manifests
