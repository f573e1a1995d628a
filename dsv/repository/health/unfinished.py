"""What commands that were killed leave behind, dsv's own and those of git and DVC."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from functools import partial

from dsv.adapters import dvc
from dsv.adapters.git import transaction as git_transaction
from dsv.adapters.git.half_patched import half_patched
from dsv.adapters.git.transaction import Commit
from dsv.errors import DsvError
from dsv.repository import files
from dsv.repository.health.check import Area, Check, Finding, Level, Mend, Mending, counted, several
from dsv.repository.health.subject import Subject
from dsv.repository.merging.merge_notes import noted, unplaced
from dsv.repository.repository import Repository
from dsv.repository.writing import journal

_HOUR_SECONDS, _DAY_SECONDS = 3_600, 86_400
_SCRATCH_INDEXES = ("commit-index", "next-index", "saved-index", "index-lock")

INTERRUPTED = Check(
    "D101",
    "interrupted operation",
    Level.ERROR,
    "the {operation} was interrupted",
    "dsv doctor --fix finishes or undoes it, as the next command that writes does",
    "A command was killed in the middle, and none came after it: what it wrote so far is not a version yet.",
    Mending.FIX,
)
DAMAGED_JOURNAL = Check(
    "D102",
    "interrupted operation",
    Level.ERROR,
    "{problem}",
    "look at git status, bring back what you miss (git stash list, git fsck --lost-found), then: rm {file}",
    "A command was killed, and what it noted to finish or undo its work cannot be read.",
)
STALE_LOCK = Check(
    "D103",
    "stale index.lock",
    Level.ERROR,
    "git's index is locked by a dsv that was killed",
    "dsv doctor --fix removes the lock",
    "Until it is gone git refuses every commit.",
    Mending.FIX,
)
FOREIGN_LOCK = Check(
    "D104",
    "index.lock",
    Level.WARNING,
    "git's index has been locked for {age} by another program",
    "if no git is at work here, it was killed: rm {file}",
    "dsv waits for nobody and removes nobody else's lock: releases are refused while it is there.",
)
BUSY = Check(
    "D105",
    "git busy",
    Level.WARNING,
    "git is in the middle of {what}",
    "finish it or give it up (git status says how); until then nothing is released",
    "HEAD and the index are on their way to something else.",
)
HALF_PATCHED = Check(
    "D106",
    "index",
    Level.ERROR,
    "git's index lacks {files} of the last release: git status shows them as deleted or changed, and the next commit "
    "would take them back",
    "dsv doctor --fix brings them into the index, and leaves what else is staged",
    "A release was cut off between its commit and the index that git shows you.",
    Mending.FIX,
)
LEFTOVERS = Check(
    "D107",
    "leftovers",
    Level.WARNING,
    "{count} of commands that were killed: {first}",
    "dsv doctor --fix removes them",
    "Half-written copies under names that nothing reads. Most are removed by the next command; these are hours old.",
    Mending.FIX,
)
DVC_LOCK = Check(
    "D108",
    "dvc lock",
    Level.ERROR,
    "{file} is damaged, by a dvc that was killed: DVC refuses every command",
    "dsv doctor --fix removes it; DVC writes a new one",
    "DVC notes there which of its commands read and write which paths.",
    Mending.FIX,
)
MERGED_DATA = Check(
    "D109",
    "merged data",
    Level.WARNING,
    "{path} does not hold what was merged yet",
    "dsv merge {dataset}",
    "git merges pointers; the data beside them stays what it was until it is placed.",
)

BAD_STATE = Check(
    "D110",
    "own files",
    Level.ERROR,
    "dsv cannot write into {path}, where its lock and its journal are: {problem}",
    "look at who owns it, or move it away: all that is in it can be made anew, but for an unfinished journal",
    "Every command that changes something needs them.",
)


def own_files(subject: Subject) -> Iterator[Finding]:
    """Lock and journal can be written."""
    git = subject.repository.git
    for path in dict.fromkeys([os.path.join(git.common, "dsv"), os.path.join(git.directory, "dsv")]):
        lock = os.path.join(path, "lock")
        if os.path.lexists(path) and not os.path.isdir(path):
            yield BAD_STATE.found(path=path, problem="it is no directory")
        elif os.path.isdir(path) and not os.access(path, os.W_OK | os.X_OK):
            yield BAD_STATE.found(path=path, problem="permission denied")
        elif os.path.isdir(lock):
            yield BAD_STATE.found(path=path, problem="its lock is a directory")


def interrupted_operation(subject: Subject) -> Iterator[Finding]:
    """A command was killed, and none came after it."""
    repository = subject.repository
    if not os.path.lexists(repository.journal_file) or subject.at_work:
        return
    try:
        entry = journal.load(repository.journal_file)
    except DsvError as error:
        yield DAMAGED_JOURNAL.found(problem=error.message, file=repository.journal_file)
        return
    if entry is not None:
        # Whoever takes the lock puts it in order.
        yield INTERRUPTED.found(Mend(act=_nothing_more), operation=entry.operation)


def locks(subject: Subject) -> Iterator[Finding]:
    """Locks on git's index, and whatever git is in the middle of."""
    repository = subject.repository
    git, path = repository.git, os.path.join(repository.git.directory, "index.lock")
    journaled = os.path.exists(repository.journal_file)
    if git_transaction.index_is_held(git):
        if not journaled and not subject.at_work:
            yield STALE_LOCK.found(Mend(act=partial(git_transaction.let_index_go, git)))
    elif os.path.exists(path):
        yield FOREIGN_LOCK.found(age=_age(path), file=path)
    elif (what := git.busy_with()) is not None:
        yield BUSY.found(what=what)


def index(subject: Subject) -> Iterator[Finding]:
    """Git's index has what the last releases changed."""
    repository = subject.repository
    git = repository.git
    if os.path.exists(repository.journal_file) or git.busy_with() is not None or subject.at_work:
        return  # whose end brings the index along
    found = half_patched(git)
    if found is not None:
        act = partial(_patch_index, repository, found.commit)
        yield HALF_PATCHED.found(Mend(act=act), files=counted(len(found.paths), "file"))


def dvc_lock(subject: Subject) -> Iterator[Finding]:
    """DVC can read which of its commands are at work."""
    path = dvc.damaged_lock(subject.repository.layout.root)
    if path is not None:
        yield DVC_LOCK.found(Mend(act=partial(files.remove, path)), file=os.path.relpath(path))


def leftovers(subject: Subject) -> Iterator[Finding]:
    """Nothing half-written lies about."""
    if subject.at_work or os.path.exists(subject.repository.journal_file):
        return
    found = _leftovers(subject)
    if found:
        root = subject.repository.git.root + os.sep
        shown = several((path.removeprefix(root) for path in found), shown=2)
        yield LEFTOVERS.found(Mend(act=partial(_remove_all, found)), count=counted(len(found), "leftover"), first=shown)


def merged_data(subject: Subject) -> Iterator[Finding]:
    """The data that a merge came to is in the work tree."""
    for note in noted(subject.repository):
        if unplaced(subject.repository, note.dataset) is not None:
            yield MERGED_DATA.found(path=note.path, dataset=note.dataset)


UNFINISHED = Area(
    "Unfinished work",
    (
        INTERRUPTED,
        DAMAGED_JOURNAL,
        STALE_LOCK,
        FOREIGN_LOCK,
        BUSY,
        HALF_PATCHED,
        LEFTOVERS,
        DVC_LOCK,
        MERGED_DATA,
        BAD_STATE,
    ),
    (own_files, interrupted_operation, locks, index, dvc_lock, leftovers, merged_data),
)


def _nothing_more() -> None:
    """Taking the lock was enough."""


def _patch_index(repository: Repository, commit: Commit) -> None:
    git = repository.git
    git_transaction.hold_index(git, scratch=repository.private("index-lock"))
    try:
        git_transaction.adopt_into_index(git, commit, prepared=repository.private("next-index"))
    finally:
        git_transaction.let_index_go(git)


def _leftovers(subject: Subject) -> list[str]:
    """The paths of what nobody will use any more, in order."""
    repository = subject.repository
    layout = repository.layout
    folders = {layout.root, os.path.join(layout.root, ".dvc"), os.path.join(repository.git.directory, "dsv")}
    folders.update(
        os.path.dirname(layout.absolute(each.path)) for each in subject.released.values() if each.path is not None
    )
    found = [path for folder in folders for path in files.scratch_files(folder)]
    found += [
        layout.absolute(path)
        for path, letters in subject.status.items()
        if letters == "??" and files.is_scratch_name(os.path.basename(path))
    ]
    named = [repository.private(name) for name in _SCRATCH_INDEXES]
    found += [path for name in named for path in (name, f"{name}.lock") if os.path.lexists(path)]
    found += dvc.stale_staging(subject.cache)
    found += dvc.stale_placing([repository.state, *_data_elsewhere(subject)])
    for folder in (repository.state, repository.work_state):
        found += [path for path in _entries(folder, "tmp", "merge-") if time.time() - _changed(path) > _DAY_SECONDS]
    # What the next command of the kind removes by itself is no concern of people's.
    return sorted(path for path in set(found) if time.time() - _changed(path) > _HOUR_SECONDS)


def _data_elsewhere(subject: Subject) -> Iterator[str]:
    """The data directories on another file system than dsv's own files, in which new files are prepared."""
    repository = subject.repository
    try:
        here = os.stat(repository.state).st_dev
    except FileNotFoundError:
        here = os.stat(repository.git.common).st_dev
    for declared in subject.released.values():
        path = repository.layout.absolute(declared.path or "")
        if declared.path and os.path.isdir(path) and os.stat(path).st_dev != here:
            yield path


def _entries(folder: str, *prefixes: str) -> list[str]:
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder) if name.startswith(prefixes)]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _remove_all(paths: Sequence[str]) -> None:
    for path in paths:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            files.remove(path)


def _changed(path: str) -> float:
    try:
        return os.lstat(path).st_mtime
    except FileNotFoundError:
        return time.time()


def _age(path: str) -> str:
    seconds = max(0, int(time.time() - _changed(path)))
    for unit, length in (("day", _DAY_SECONDS), ("hour", _HOUR_SECONDS), ("minute", 60)):
        if seconds >= length:
            return counted(seconds // length, unit)
    return counted(seconds, "second")
