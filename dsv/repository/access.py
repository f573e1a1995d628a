"""Coming to a repository: finding it, holding its lock, and first putting in order what a killed command left."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import replace

from dsv.adapters.git import Git
from dsv.adapters.git.work_tree import places_of
from dsv.errors import BadManifestError, DiskError, LockedError, NoRepositoryError
from dsv.model.executor import LOCAL, Executor
from dsv.model.progress import Progress, Tell, unseen, untold
from dsv.repository.repository import LOCK_TIMEOUT_SECONDS, USUAL_MANIFESTS, Repository
from dsv.repository.writing import lock


def open_repository(
    path: str = ".",
    *,
    lock_timeout: float = LOCK_TIMEOUT_SECONDS,
    tell: Tell = untold,
    progress: Progress = unseen,
    executor: Executor = LOCAL,
) -> Repository:
    """The repository that the path lies in, put in order; NoRepositoryError where dsv or git has none."""
    repository = replace(find_repository(path, lock_timeout=lock_timeout, tell=tell), progress=progress)
    repository = replace(repository, executor=executor)
    if os.path.exists(repository.journal_file) or os.path.exists(repository.push_note):
        # A process that still holds the lock is at work, not killed: what it has done so far is not looked at.
        with contextlib.suppress(LockedError), exclusively(replace(repository, lock_timeout=0), "recovery"):
            pass
    return repository


def find_repository(path: str = ".", *, lock_timeout: float = LOCK_TIMEOUT_SECONDS, tell: Tell = untold) -> Repository:
    """The repository that the path lies in, as it is: what a killed command left behind is not looked at."""
    git, root = _places(path)
    return Repository.at(git, root, lock_timeout=lock_timeout, tell=tell)


def find_broken_repository(
    path: str = ".", *, lock_timeout: float = LOCK_TIMEOUT_SECONDS, tell: Tell = untold
) -> Repository:
    """The same, also where dsv.yaml does not read: manifests are then looked for where they usually are."""
    git, root = _places(path)
    try:
        return Repository.at(git, root, lock_timeout=lock_timeout, tell=tell)
    except (BadManifestError, DiskError):
        return Repository.at(git, root, lock_timeout=lock_timeout, tell=tell, manifests=USUAL_MANIFESTS)


def _places(path: str) -> tuple[Git, str]:
    """The repository of git and the DVC root that the path lies in."""
    where = os.path.realpath(path)
    if not os.path.isdir(where):
        raise NoRepositoryError(f"{path} is not a directory", hint="name one inside a repository")
    git = Git.discover(where)
    root = _dvc_root(where, below=git.root)
    if root is None:
        below = places_of(git, ".dvc/config")
        if "" in below:
            raise NoRepositoryError(f"{git.root} has lost its .dvc directory", hint="git restore .dvc brings it back")
        hint = (
            f"DVC roots below it: {', '.join(below[:5])}; go there, or give --repo {below[0]}"
            if below
            else "run: dsv init"
        )
        raise NoRepositoryError(f"{git.root} is not a dsv repository yet", hint=hint)
    return git, root


@contextlib.contextmanager
def exclusively(repository: Repository, operation: str) -> Iterator[None]:
    """Hold the repository's lock; what a killed command left is finished or undone first, and told."""
    from dsv.repository.recovery import recover

    if not repository.git.has_work_tree:
        raise NoRepositoryError(f"{operation} needs a clone, and here is only the metadata", hint="git clone it")
    repository.git.require_supported()
    path = os.path.join(repository.git.common, "dsv", "lock")
    with lock.exclusive(path, operation=operation, timeout=repository.lock_timeout, tell=repository.tell):
        recover(repository)
        _wait_for_git(repository)
        yield


def _wait_for_git(repository: Repository) -> None:
    """Until the git command that works on the index is done; not for one that seems to have been killed.

    What runs in a hook of git's does not wait: git waits for it.
    """
    file, timeout = os.path.join(repository.git.directory, "index.lock"), repository.lock_timeout
    try:
        age = time.time() - os.stat(file).st_mtime
    except OSError:
        return
    if not os.environ.get("GIT_INDEX_FILE"):
        lock.wait_until(
            lambda: not os.path.exists(file),
            timeout=max(0.0, timeout - max(0.0, age)),
            told=f"waiting for another git command ({file} is there)",
            tell=repository.tell,
        )


def _dvc_root(path: str, *, below: str) -> str | None:
    """The nearest directory at or above the path that holds .dvc, not leaving the git work tree."""
    where = path
    while where == below or where.startswith(below + os.sep):
        if os.path.isdir(os.path.join(where, ".dvc")):
            return where
        where = os.path.dirname(where)
    return None
