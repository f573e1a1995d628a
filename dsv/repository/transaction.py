"""The one way in which dsv changes a repository: files, commit, tag and index together, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from dsv.adapters.git import Commit, Git, Patch, SharedEdit
from dsv.adapters.git import transaction as git_transaction
from dsv.repository import files, journal

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class Writing:
    """What an operation brings into the repository; paths are relative to the DVC root.

    `own` are files that only dsv writes (None deletes), `shared` are edits of texts that others write too,
    `tags` are tag names with their messages, `directories` are new ones that git ignores, with the places
    they are copied from. `data` is the version, `NAME@X.Y.Z`, whose data the work tree is to have in the end.
    """

    operation: str
    message: str
    own: Mapping[str, bytes | None] = field(default_factory=dict)
    shared: Mapping[str, SharedEdit] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    directories: Mapping[str, str] = field(default_factory=dict)
    data: str | None = None


def perform(repository: Repository, writing: Writing, *, place_data: Callable[[], None] | None = None) -> str:
    """The id of the commit that now holds everything; after a failure nothing of it is left.

    The user's other changes, staged or not, in the same files or others, stay what they were. `place_data` is
    called when the commit is made, if the work tree is to have other data than it has.
    """
    git, layout = repository.git, repository.layout
    repository.git.refuse_busy()
    contents = contents_after(repository, writing)
    shared = {layout.in_git(path): edit for path, edit in writing.shared.items()}
    patch = Patch(own={path: contents[path] for path in contents if path not in shared}, shared=shared)
    directories = {layout.in_git(path): source for path, source in writing.directories.items()}
    entry = journal.start(
        writing.operation,
        root=git.root,
        writes=contents,
        directories=list(directories),
        saved_work=git.save_work(),
        data=writing.data,
    )
    journal.save(entry, repository.journal_file)
    try:
        for path, source in directories.items():
            _place_directory(source, _absolute(git, path))
        git_transaction.hold_index(git, scratch=repository.private("index-lock"))
        for path, content in contents.items():
            _write(_absolute(git, path), content)
        commit = git_transaction.build_commit(
            git, patch, message=writing.message, scratch=repository.private("commit-index")
        )
        git_transaction.prepare_index(git, commit, shared=shared, prepared=repository.private("next-index"))
        tags = {
            name: git_transaction.build_tag(git, name, commit=commit.id, message=message)
            for name, message in writing.tags.items()
        }
        entry = entry.committed(commit.id, tags=tags)
        journal.save(entry, repository.journal_file)
        git_transaction.move_refs(git, commit, tags=tags, reason=f"dsv: {writing.message.splitlines()[0]}")
    except BaseException:
        if settle(repository, entry) is End.FINISHED:
            repository.tell(f"the {entry.operation} is done all the same")
        files.remove(repository.journal_file)
        raise
    git_transaction.publish_index(git, prepared=repository.private("next-index"))
    if place_data:
        place_data()
    files.remove(repository.journal_file)
    return commit.id


def contents_after(repository: Repository, writing: Writing) -> dict[str, bytes | None]:
    """What each file, by its path from git's root, will hold; ConflictError where an edit does not fit its text."""
    git, layout = repository.git, repository.layout
    contents: dict[str, bytes | None] = {layout.in_git(path): content for path, content in writing.own.items()}
    for path, edit in writing.shared.items():
        text = files.read_bytes(_absolute(git, layout.in_git(path))) or b""
        contents[layout.in_git(path)] = git_transaction.edited(text, edit)
    return contents


class End(Enum):
    """How a started operation ends."""

    FINISHED = "finished"
    UNDONE = "undone"


def settle(repository: Repository, entry: journal.Journal) -> End:
    """Bring what git and the work tree have of a started operation to one of its two ends."""
    git = repository.git
    if entry.commit is not None and _landed(repository, entry, entry.commit):
        journal.sweep(entry, root=git.root)
        _settle_index(repository, entry, entry.commit)
        return End.FINISHED
    kept = journal.undo(entry, root=git.root)
    git_transaction.let_index_go(git)
    if kept:
        repository.tell(f"left as they are, because changed since: {', '.join(kept)}")
    return End.UNDONE


def _landed(repository: Repository, entry: journal.Journal, commit: str) -> bool:
    """Whether a ref leads to the commit; refs that a killed git left behind follow."""
    git, head = repository.git, repository.git.head()
    missing = {name: tag for name, tag in entry.tags.items() if git.tag_id(name) != tag}
    if head and git.contains(head, ancestor=commit):
        if absent := {name: tag for name, tag in missing.items() if git.tag_id(name) is None}:
            git_transaction.add_tags(git, absent)
        return True
    parent = git_transaction.parent_of(git, commit)
    if entry.tags and not missing and head == parent and journal.untouched(entry, root=git.root):
        git_transaction.move_refs(git, Commit(commit, parent, {}), tags={}, reason=f"dsv: {entry.operation}")
        return True
    return git.reachable(commit)


def _settle_index(repository: Repository, entry: journal.Journal, commit: str) -> None:
    git, prepared = repository.git, repository.private("next-index")
    head = git.head()
    if head == commit and git_transaction.index_is_held(git) and os.path.exists(prepared):
        git_transaction.publish_index(git, prepared=prepared)
        return
    git_transaction.let_index_go(git)
    if head and git.contains(head, ancestor=commit):
        git_transaction.hold_index(git, scratch=repository.private("index-lock"))
        git_transaction.adopt_into_index(git, commit, paths=list(entry.after), prepared=prepared)


def _absolute(git: Git, path: str) -> str:
    return os.path.join(git.root, *path.split("/"))


def _write(path: str, content: bytes | None) -> None:
    if content is None:
        files.remove(path)
    elif files.read_bytes(path) != content:
        files.write_bytes(path, content)


def _place_directory(source: str, target: str) -> None:
    if os.path.isdir(target):
        shutil.rmtree(target)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copytree(source, target)
