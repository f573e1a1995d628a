"""HEAD at a commit that does not come after the one it leaves: refs, files and index together, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dsv.adapters.git import Entry
from dsv.adapters.git import transaction as git_transaction
from dsv.adapters.git.contents import whole
from dsv.adapters.git.references import back_update, named_refs
from dsv.adapters.git.transaction import Commit
from dsv.adapters.git.work_tree import left_out
from dsv.errors import ConflictError, InProgressError, UnsupportedError
from dsv.repository import files
from dsv.repository.writing import journal
from dsv.repository.writing.transaction import End, discard, move_refs, place_directory, settle

if TYPE_CHECKING:
    from dsv.adapters.git import Git
    from dsv.repository.repository import Repository

_EXECUTABLE = "100755"
_WRITTEN = frozenset({"100644", _EXECUTABLE})


@dataclass(frozen=True)
class Departure:
    """From the commit that HEAD is at to another one.

    `tags` are names with the ids of what they are before and after (None: no such tag). Files `kept`, by their path
    from git's root, stay in the work tree as they are. `directories` are new ones that git ignores, by path from the
    DVC root, with the places they are copied from; `gone` are such ones that go when all is done. `data` is the
    version, `NAME@X.Y.Z`, whose data the work tree is to have in the end.
    """

    operation: str
    leaving: str
    to: str
    tags: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    directories: Mapping[str, str] = field(default_factory=dict)
    gone: Sequence[str] = ()
    data: str | None = None


def changed_files(repository: Repository, commit: str, *, to: str) -> dict[str, Entry | None]:
    """Each file, by its path from git's root, that is not the same in the other commit, with what that one has."""
    return git_transaction.differences(repository.git, commit, to)


def refuse_edited(repository: Repository, commit: str, changed: Mapping[str, Entry | None]) -> None:
    """ConflictError where a file that is to change has changes that no commit holds, or lies where one is to be."""
    git, layout = repository.git, repository.layout
    if not changed:
        return
    held, staged = git.tree(commit, *changed), git.staged(*changed)
    names = {path: f"{commit}:{path}" for path in changed if path in held}
    texts = git.blobs(names.values())
    for path, entry in changed.items():
        here = _text(git, path)
        if path in held:
            if staged.get(path) != held[path] or here != texts.get(names[path]):
                file = layout.from_git(path)
                raise ConflictError(f"{file} has changes that are not committed", hint="commit or undo them first")
        elif path in staged or (here is not None and not _is_as(git, path, entry, here)):
            raise ConflictError(
                f"{path} is in the way: it is to be written, and no commit holds what is there", hint="move it away"
            )


def depart(repository: Repository, departure: Departure, *, place_data: Callable[[], object] | None = None) -> None:
    """HEAD at the other commit, the files as it has them, the tags as they are to be; after a failure, nothing changed.

    The caller has seen to it that no changes of the user's are in the files that change. `place_data` is called when
    the refs are there, if the work tree is to have other data than it has.
    """
    git, layout = repository.git, repository.layout
    changed = changed_files(repository, departure.leaving, to=departure.to)
    wanted = {path: entry for path, entry in changed.items() if path not in departure.kept}
    contents = _contents(repository, wanted)
    entry = journal.start(
        departure.operation,
        root=git.root,
        writes=contents,
        directories=[layout.in_git(path) for path in departure.directories],
        saved_work=None,
        data=departure.data,
    )
    before = {name: old for name, (old, _) in departure.tags.items() if old is not None}
    after = {name: new for name, (_, new) in departure.tags.items() if new is not None}
    update = back_update(to=departure.to, since=departure.leaving, tags=departure.tags)
    entry = replace(
        entry.committed(departure.to, onto=departure.leaving, tags=before, refs=named_refs(git, update)),
        dropped=departure.leaving,
        retagged=after,
        discarded=[layout.in_git(path) for path in departure.gone],
    )
    journal.save(entry, repository.journal_file)
    prepared = repository.private("next-index")
    try:
        for path, source in departure.directories.items():
            place_directory(source, layout.absolute(path))
        git_transaction.hold_index(git, scratch=repository.private("index-lock"))
        for path, content in contents.items():
            _write(files.below(git.root, path), content, wanted[path])
        git_transaction.prepare_index(
            git, Commit(departure.to, departure.leaving, changed), shared={}, prepared=prepared
        )
        move_refs(repository, update, entry, reason=f"dsv: {entry.operation}")
    except BaseException as error:
        if isinstance(error, InProgressError):  # whose locks are in the way, they are not ours
            entry = replace(entry, refs={})
        if settle(repository, entry) is End.FINISHED:
            repository.tell(f"the {entry.operation} is done all the same")
            if place_data:
                raise  # with the journal there, the next command brings the data
        files.remove(repository.journal_file)
        raise
    git_transaction.publish_index(git, prepared=prepared)
    if place_data:
        place_data()
    discard(repository, entry)
    files.remove(repository.journal_file)


def _contents(repository: Repository, wanted: Mapping[str, Entry | None]) -> dict[str, bytes | None]:
    """What each file is to hold; UnsupportedError for what is no file: symbolic links, submodules."""
    old = repository.git.tree("HEAD", *wanted) if wanted else {}
    for path in wanted:
        for entry in (wanted[path], old.get(path)):
            if entry is not None and entry.mode not in _WRITTEN:
                raise UnsupportedError(
                    f"{path} is a symbolic link or a submodule, and differs: dsv does not write these",
                    hint="bring its change here by git first",
                )
    places = {entry.blob: path for path, entry in wanted.items() if entry is not None}
    texts = repository.git.blobs(places, paths=places)
    return {path: None if entry is None else whole(texts[entry.blob], name=path) for path, entry in wanted.items()}


def _text(git: Git, path: str) -> bytes | None:
    """What the work tree has as the file, or would have but for a sparse checkout."""
    content = files.read_bytes(files.below(git.root, path))
    return left_out(git, path) if content is None else content


def _is_as(git: Git, path: str, entry: Entry | None, content: bytes) -> bool:
    return entry is not None and git.blobs([entry.blob], paths={entry.blob: path}).get(entry.blob) == content


def _write(path: str, content: bytes | None, entry: Entry | None) -> None:
    if content is None or entry is None:
        files.remove(path)
        return
    files.write_bytes(path, content)
    mode = os.stat(path).st_mode
    executable = mode | (mode & 0o444) >> 2 if entry.mode == _EXECUTABLE else mode & ~0o111
    if executable != mode:
        os.chmod(path, executable)
