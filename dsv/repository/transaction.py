"""The one way in which dsv changes a repository: files, commit, tag and index together, or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsv.adapters.git import Patch, SharedEdit
from dsv.adapters.git import transaction as git_transaction
from dsv.errors import InProgressError
from dsv.repository import files, journal

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class Writing:
    """What an operation brings into the repository; paths are relative to the DVC root.

    `own` are files that only dsv writes (None deletes), `shared` are edits of texts that others write too,
    `tags` are tag names with their messages, `directories` are new ones already in place and ignored by git.
    """

    operation: str
    message: str
    own: Mapping[str, bytes | None] = field(default_factory=dict)
    shared: Mapping[str, SharedEdit] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    directories: Sequence[str] = ()


def perform(repository: Repository, writing: Writing) -> str:
    """The id of the commit that now holds everything; after a failure nothing of it is left.

    The user's other changes, staged or not, in the same files or others, stay what they were.
    """
    git, layout = repository.git, repository.layout
    refuse_busy(repository)
    contents: dict[str, bytes | None] = dict(writing.own)
    for path, edit in writing.shared.items():
        text = (files.read_bytes(layout.absolute(path)) or b"").decode()
        contents[path] = edit(text).encode()
    patch = Patch(
        own={layout.in_git(path): content for path, content in writing.own.items()},
        shared={layout.in_git(path): edit for path, edit in writing.shared.items()},
    )
    entry = journal.start(
        writing.operation,
        root=layout.root,
        writes=contents,
        directories=writing.directories,
        saved_work=git.save_work(),
    )
    journal.save(entry, repository.journal_file)
    try:
        for path, content in contents.items():
            if content is None:
                files.remove(layout.absolute(path))
            else:
                files.write_bytes(layout.absolute(path), content)
        commit = git_transaction.build_commit(
            git, patch, message=writing.message, scratch=os.path.join(repository.state, "index")
        )
        tags = {
            name: git_transaction.build_tag(git, name, commit=commit.id, message=message)
            for name, message in writing.tags.items()
        }
        entry = entry.committed(commit.id)
        journal.save(entry, repository.journal_file)
        git_transaction.move_refs(git, commit, tags=tags, reason=f"dsv: {writing.message.splitlines()[0]}")
    except BaseException:
        settle(repository, entry)
        raise
    git_transaction.patch_index(git, commit, shared=patch.shared)
    files.remove(repository.journal_file)
    return commit.id


def refuse_busy(repository: Repository) -> None:
    """InProgressError while git is in the middle of a merge, a rebase or another command."""
    if busy := repository.git.busy():
        raise InProgressError(f"git is in the middle of {busy}", hint="finish or abort it, then run this again")


def recover(repository: Repository) -> str | None:
    """Finish or undo what a killed command left behind, and say which; None when it left nothing."""
    entry = journal.load(repository.journal_file)
    return None if entry is None else settle(repository, entry)


def settle(repository: Repository, entry: journal.Journal) -> str:
    """Bring a started operation to one of its two ends; returns what was done, in words."""
    git, head = repository.git, repository.git.head()
    if entry.commit and git.reachable(entry.commit):
        if head and git.contains(head, ancestor=entry.commit):
            paths = [repository.layout.in_git(path) for path in entry.after]
            git_transaction.adopt_into_index(git, entry.commit, paths=paths)
        done = f"finished the {entry.operation} that was interrupted"
    else:
        kept = journal.undo(entry)
        left = f"; left as they are, changed since: {', '.join(kept)}" if kept else ""
        done = f"undid the {entry.operation} that was interrupted{left}"
    files.remove(repository.journal_file)
    return done
