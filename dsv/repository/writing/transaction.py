"""The one way in which dsv changes a repository: files, commit, tag and index together, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from dsv.adapters.git import Git
from dsv.adapters.git import transaction as git_transaction
from dsv.adapters.git.hooks import asked_message
from dsv.adapters.git.past import Author
from dsv.adapters.git.references import (
    RefUpdate,
    absent_tags,
    free_refs,
    head_update,
    named_refs,
    tag_changes,
    tag_update,
    update_refs,
)
from dsv.adapters.git.saved_work import bring_back, keep_as_stash, newest_stash, save_work
from dsv.adapters.git.signing import build_tag
from dsv.adapters.git.transaction import Commit, Patch, SharedEdit
from dsv.errors import DiskError, InProgressError
from dsv.model.release_options import Hooks
from dsv.repository import files
from dsv.repository.writing import journal
from dsv.repository.writing.hooks import ask_pre_commit, refuse_edits, tell_post_commit

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class Step:
    """A commit below the last one of a writing; what its tree holds, the work tree need not have in the end.

    The fields are those of a `Writing`; `author` is who made what it holds. The writing's `own` names its paths too.
    """

    message: str
    own: Mapping[str, bytes | None]
    shared: Mapping[str, SharedEdit]
    tags: Mapping[str, str]
    author: Author


@dataclass(frozen=True)
class Writing:
    """What an operation brings into the repository; paths are relative to the DVC root.

    `own` are files that only dsv writes (None deletes), `shared` are edits of texts that others write too,
    `tags` are tag names with their messages, `directories` are new ones, or files, that git ignores, with the
    places they are copied from, and `discarded` those that have no use any more. `data` is the version, `NAME@X.Y.Z`,
    whose data the work tree is to have in the end.
    `forgotten` are files that git tracks no more and that stay in the work tree as they are. `below` are commits
    that come before the last one, each upon the one before, and `author` is who made the last one's content. `hooks` is
    whether git's hooks may say no.
    `elsewhere` are those of the tags that name an older commit, with that commit. `moves` are paths of data that git
    ignores, with the place that each is to lie at when the commit is made.
    """

    operation: str
    message: str
    own: Mapping[str, bytes | None] = field(default_factory=dict)
    shared: Mapping[str, SharedEdit] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    directories: Mapping[str, str] = field(default_factory=dict)
    data: str | None = None
    forgotten: Sequence[str] = ()
    below: Sequence[Step] = ()
    author: Author | None = None
    hooks: Hooks = Hooks.RUN
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    moves: Mapping[str, str] = field(default_factory=dict)
    discarded: Sequence[str] = ()


def perform(repository: Repository, writing: Writing, *, place_data: Callable[[], object] | None = None) -> str:
    """The id of the commit that now holds everything; after a failure nothing of it is left.

    The user's other changes, staged or not, in the same files or others, stay what they were. `place_data` is
    called when the commit is made, if the work tree is to have other data than it has.
    """
    git, layout = repository.git, repository.layout
    repository.git.refuse_busy()
    contents = contents_after(repository, writing)
    shared = {layout.in_git(path): edit for path, edit in writing.shared.items()}
    directories = {layout.in_git(path): source for path, source in writing.directories.items()}
    for path in (*contents, *directories):
        _absolute(git, path)
    entry = journal.start(
        writing.operation,
        root=git.root,
        writes=contents,
        directories=list(directories),
        saved_work=save_work(git, scratch=repository.private("saved-index")),
        data=writing.data,
        forgotten=[layout.in_git(path) for path in writing.forgotten],
        moves={layout.in_git(old): layout.in_git(new) for old, new in writing.moves.items()},
        discarded=[layout.in_git(path) for path in writing.discarded],
    )
    journal.save(entry, repository.journal_file)
    try:
        for path, source in directories.items():
            place_directory(source, _absolute(git, path))
        git_transaction.hold_index(git, scratch=repository.private("index-lock"))
        for path, content in contents.items():
            _write(_absolute(git, path), content)
        commit, message, tags = _build(repository, writing, contents=contents)
        git_transaction.prepare_index(git, commit, shared=shared, prepared=repository.private("next-index"))
        update = head_update(to=commit.id, since=commit.onto, tags=tags)
        entry = (journal.load(repository.journal_file) or entry).committed(
            commit.id, onto=commit.onto, tags=tags, refs=named_refs(git, update)
        )
        journal.save(entry, repository.journal_file)
        move_refs(repository, update, entry, reason=f"dsv: {message.splitlines()[0]}")
    except BaseException as error:
        entry = journal.load(repository.journal_file) or entry
        if isinstance(error, InProgressError):  # whose locks are in the way, they are not ours
            entry = replace(entry, refs={})
        git_transaction.clear_index(repository.private("commit-index"))
        if settle(repository, entry) is End.FINISHED:
            repository.tell(f"the {entry.operation} is done all the same")
            if place_data:
                raise  # with the journal there, the next command brings the data
        else:
            bring_back_work(repository, entry, left=Left.UNTOLD)
        files.remove(repository.journal_file)
        raise
    git_transaction.publish_index(git, prepared=repository.private("next-index"))
    journal.move_data(entry, root=git.root)
    discard(repository, entry)
    if place_data:
        place_data()
    files.remove(repository.journal_file)
    tell_post_commit(repository)
    return commit.id


def perform_tags(repository: Repository, tags: Mapping[str, str], *, commit: str) -> None:
    """Tags of these names that are the given tag objects, on a commit that is there already: all of them, or none.

    ExistsError where there is a tag of that name.
    """
    git, update = repository.git, tag_update(tags)
    entry = journal.Journal(
        operation=f"tagging of {', '.join(tags)}", before={}, after={}, course=journal.Course.ONWARD.value
    ).committed(commit, onto=commit, tags=tags, refs=named_refs(git, update))
    journal.save(entry, repository.journal_file)
    try:
        move_refs(repository, update, entry, reason=f"dsv: {entry.operation}")
    except BaseException as error:
        if not isinstance(error, InProgressError):
            free_refs(git, entry.refs, guard=repository.guard, timeout=repository.lock_timeout)
        if len(absent_tags(git, tags)) == len(tags):
            files.remove(repository.journal_file)
        raise  # with some of them made, the next command makes the others
    files.remove(repository.journal_file)


def move_refs(repository: Repository, update: RefUpdate, entry: journal.Journal, *, reason: str) -> None:
    """The refs of the journal are moved, and git has left no lock, which it does not tell of when that fails."""
    git = repository.git
    update_refs(git, update, guard=repository.guard, reason=reason)
    free_refs(git, entry.refs, guard=repository.guard, timeout=repository.lock_timeout)


def _build(
    repository: Repository, writing: Writing, *, contents: Mapping[str, bytes | None]
) -> tuple[Commit, str, dict[str, str]]:
    """The commits and their tags as objects of git: the last commit, its message, and tag names with the tags' ids.

    pre-commit is asked about all of them at once, the hooks for messages about each.
    """
    git, layout = repository.git, repository.layout
    scratch = repository.private("commit-index")
    upon: Commit | None = None
    message, tags = "", {}
    steps: list[Step | Writing] = [*writing.below, writing]
    for step in steps:
        patch = Patch(
            own={layout.in_git(path): content for path, content in step.own.items()},
            shared={layout.in_git(path): edit for path, edit in step.shared.items()},
            forgotten=[layout.in_git(path) for path in writing.forgotten],
        )
        staged = git_transaction.stage(git, patch, scratch=scratch, upon=upon)
        if step is writing and writing.hooks is Hooks.RUN:
            staged = ask_pre_commit(repository, staged, contents=contents, shared=patch.shared)
        message = asked_message(git, step.message, index=scratch, hooks=writing.hooks, tell=repository.tell)
        upon = git_transaction.build_commit(git, staged, message=message, author=step.author)
        for name, text in step.tags.items():
            commit = writing.elsewhere.get(name, upon.id)
            tags[name] = build_tag(git, name, commit=commit, message=text)
    refuse_edits(repository, contents)
    assert upon is not None  # noqa: S101 - the writing itself is a step
    return upon, message, tags


def contents_after(repository: Repository, writing: Writing) -> dict[str, bytes | None]:
    """What each file, by its path from git's root, will hold; ConflictError where an edit does not fit its text."""
    layout = repository.layout
    contents: dict[str, bytes | None] = {layout.in_git(path): content for path, content in writing.own.items()}
    for path, edit in writing.shared.items():
        text = repository.text(path) or b""
        contents[layout.in_git(path)] = git_transaction.edited(text, edit)
    return contents


def discard(repository: Repository, entry: journal.Journal) -> None:
    """What has no use any more goes; of what a disk does not let go that is told, since nobody would look for it."""
    for directory in journal.discard(entry, root=repository.git.root):
        repository.tell(f"{directory} has no use any more and could not be removed: delete it")


class End(Enum):
    """How a started operation ends."""

    FINISHED = "finished"
    UNDONE = "undone"


def settle(repository: Repository, entry: journal.Journal) -> End:
    """Bring what git and the work tree have of a started operation to one of its two ends."""
    git = repository.git
    free_refs(git, entry.refs, guard=repository.guard, timeout=repository.lock_timeout)
    if entry.course == journal.Course.ONWARD.value:
        journal.sweep(entry, root=git.root)
        if absent := absent_tags(git, entry.tags):
            update_refs(git, tag_update(absent), guard=repository.guard, reason=f"dsv: {entry.operation}")
        return End.FINISHED
    if entry.commit is not None and _landed(repository, entry, entry.commit):
        journal.sweep(entry, root=git.root)
        _settle_index(repository, entry, entry.commit)
        journal.move_data(entry, root=git.root)
        discard(repository, entry)
        return End.FINISHED
    kept = journal.undo(entry, root=git.root)
    git_transaction.let_index_go(git)
    if kept:
        repository.tell(f"left as they are, because changed since: {', '.join(kept)}")
    return End.UNDONE


class Left(Enum):
    """Whether people are told of files that have other changes than those that were saved."""

    TOLD = "told"
    UNTOLD = "untold"


def bring_back_work(repository: Repository, entry: journal.Journal, *, left: Left) -> None:
    """The user's uncommitted work is in the work tree again where a hook that did not end had put it aside."""
    git = repository.git
    if entry.commit is not None:
        return
    if left is Left.TOLD and entry.stash is not None and newest_stash(git) not in (entry.stash, ""):
        repository.tell("a hook ran git stash and did not end: see git stash list for what it took, also new files")
    if entry.saved_work is None:
        return
    done = bring_back(git, entry.saved_work, besides=entry.before, scratch=repository.private("saved-index"))
    if done.files:
        repository.tell(f"brought back your changes, which a hook had put aside: {', '.join(done.files)}")
    if done.left and left is Left.TOLD:
        keep_as_stash(git, entry.saved_work, message=f"dsv: your work when the {entry.operation} was interrupted")
        repository.tell(
            f"left as they are, because changed since: {', '.join(done.left)}; as they were before: git stash show -p"
        )


def _landed(repository: Repository, entry: journal.Journal, commit: str) -> bool:
    """Whether a ref leads to the commit; refs that a killed git left behind follow."""
    git, head = repository.git, repository.git.head()
    if entry.dropped is not None:
        return _dropped(repository, entry, entry.dropped)
    missing = {name: tag for name, tag in entry.tags.items() if git.tag_id(name) != tag}
    if head and git.contains(head, ancestor=commit):
        if absent := absent_tags(git, missing):
            update_refs(git, tag_update(absent), guard=repository.guard, reason="dsv: tag")
        return True
    if entry.tags and not missing and head == entry.onto and journal.untouched(entry, root=git.root):
        update = head_update(to=commit, since=head, tags={})
        update_refs(git, update, guard=repository.guard, reason=f"dsv: {entry.operation}")
        return True
    return git.reachable(commit)


def _dropped(repository: Repository, entry: journal.Journal, commit: str) -> bool:
    """Whether HEAD has left the commit; tags that a killed git left behind, or changed too early, follow."""
    git, head = repository.git, repository.git.head()
    landed = not (head and git.contains(head, ancestor=commit))
    wanted, others = (entry.retagged, entry.tags) if landed else (entry.tags, entry.retagged)
    there = {name: git.tag_id(name) for name in {**entry.tags, **entry.retagged}}
    behind = {name: tag for name, tag in there.items() if tag != wanted.get(name) and tag in (None, others.get(name))}
    update = tag_changes({name: (tag, wanted.get(name)) for name, tag in behind.items()})
    update_refs(git, update, guard=repository.guard, reason="dsv: tag")
    return landed


def _settle_index(repository: Repository, entry: journal.Journal, commit: str) -> None:
    git, prepared = repository.git, repository.private("next-index")
    head = git.head()
    if head == commit and git_transaction.index_is_held(git) and os.path.exists(prepared):
        git_transaction.publish_index(git, prepared=prepared)
        return
    git_transaction.let_index_go(git)
    if head and git.contains(head, ancestor=commit):
        git_transaction.hold_index(git, scratch=repository.private("index-lock"))
        git_transaction.adopt_into_index(git, Commit(commit, entry.onto), prepared=prepared)


def _absolute(git: Git, path: str) -> str:
    return files.below(git.root, path)


def _write(path: str, content: bytes | None) -> None:
    if content is None:
        files.remove(path)
    elif files.read_bytes(path) != content:
        files.write_bytes(path, content)


def place_directory(source: str, target: str) -> None:
    """The directory, or file, as a copy of another; whatever was there before is gone."""
    files.refuse_link(target)
    try:
        if os.path.isdir(target):
            shutil.rmtree(target)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.isfile(source):
            shutil.copyfile(source, target)
        else:
            shutil.copytree(source, target)
    except OSError as error:  # of many files, copytree gathers what happened to each
        reason = error.strerror or error.args[0][0][2]
        raise DiskError(f"{target} cannot be written: {reason}", hint="is the disk full, or read-only?") from error
