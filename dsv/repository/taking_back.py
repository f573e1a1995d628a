"""A commit of a release taken back: branch, tag, files and index as they were before it, together or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from dsv.adapters.git import Commit, Entry
from dsv.adapters.git import transaction as git_transaction
from dsv.adapters.git.contents import whole
from dsv.errors import ConflictError
from dsv.repository import files, journal
from dsv.repository.transaction import End, settle
from dsv.repository.uncommitted import is_committed

if TYPE_CHECKING:
    from dsv.repository.catalog import KnownVersion
    from dsv.repository.repository import Repository


def changed_files(repository: Repository, commit: str, *, since: str) -> dict[str, Entry | None]:
    """Each file, by its path from git's root, that the commit changed, with what was there before (None: nothing)."""
    before, after = repository.git.tree(since), repository.git.tree(commit)
    paths = sorted({path for path, entry in before.items() ^ after.items()})
    return {path: before.get(path) for path in paths}


def refuse_edited(repository: Repository, commit: str, changed: Mapping[str, Entry | None]) -> None:
    """ConflictError where a file that is to go back has changes that no commit holds."""
    held = repository.git.tree(commit, *changed)
    for path in changed:
        file = repository.layout.from_git(path)
        if path in held and not is_committed(repository, file):
            raise ConflictError(f"{file} has changes that are not committed", hint="commit or undo them first")


def take_back(repository: Repository, known: KnownVersion, *, commit: str, to: str, kept: frozenset[str]) -> None:
    """HEAD at the commit `to`, before the release; its tag gone, its files as they were, the data as it is.

    Files `kept`, by their path from the DVC root, stay in the work tree. After a failure nothing has changed.
    """
    git, layout = repository.git, repository.layout
    changed = changed_files(repository, commit, since=to)
    held = git.tree(commit, *changed)
    stays = {path for path in changed if layout.from_git(path) in kept}
    # what git was told to forget is still there
    stays |= {path for path in changed if path not in held and os.path.lexists(layout.absolute(layout.from_git(path)))}
    contents = git.blobs(
        {entry.blob for path, entry in changed.items() if entry is not None and path not in stays},
        paths={entry.blob: path for path, entry in changed.items() if entry is not None},
    )
    writes = {
        path: None if entry is None else whole(contents[entry.blob], name=path)
        for path, entry in changed.items()
        if path not in stays
    }
    tag_id = git.tag_id(known.tag) if known.tag else None
    entry = journal.start(
        f"undo of {known.dataset} {known.version}",
        root=git.root,
        writes=writes,
        directories=[],
        saved_work=None,
        data=None,
    )
    tags = {known.tag: tag_id} if known.tag and tag_id else {}
    entry = replace(entry.committed(to, onto=commit, tags=tags), dropped=commit)
    journal.save(entry, repository.journal_file)
    prepared = repository.private("next-index")
    try:
        git_transaction.hold_index(git, scratch=repository.private("index-lock"))
        for path, content in writes.items():
            where = files.below(git.root, path)
            files.remove(where) if content is None else files.write_bytes(where, content)
        git_transaction.prepare_index(git, Commit(to, commit, changed), shared={}, prepared=prepared)
        git_transaction.move_back(git, to=to, since=commit, tags=tags, reason=f"dsv: {entry.operation}")
    except BaseException:
        if settle(repository, entry) is End.FINISHED:
            repository.tell(f"the {entry.operation} is done all the same")
        files.remove(repository.journal_file)
        raise
    git_transaction.publish_index(git, prepared=prepared)
    shutil.rmtree(layout.absolute(layout.index_directory(known.dataset, known.version)), ignore_errors=True)
    files.remove(repository.journal_file)
