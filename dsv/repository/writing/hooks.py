"""What git's hooks say about a commit of dsv's, and what becomes of the files that they edit.

The rules are in docs/hooks-and-signing.md.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsv.adapters.git import transaction as git_transaction
from dsv.adapters.git.hooks import Refusal, has_hook, run_hook
from dsv.adapters.git.saved_work import newest_stash
from dsv.adapters.git.transaction import Staged
from dsv.errors import ConflictError
from dsv.repository import files
from dsv.repository.writing import journal

if TYPE_CHECKING:
    from dsv.adapters.git import Entry, Git
    from dsv.repository.repository import Repository

_ROUNDS = 3
"""How often pre-commit is asked while all it has against a commit is what it corrected itself."""


@dataclass(frozen=True)
class _Edits:
    """What a hook did to our files: in the work tree (None deletes), and in the index that it was shown."""

    in_work_tree: Mapping[str, bytes | None]
    in_index: Mapping[str, Entry | None]

    @property
    def paths(self) -> list[str]:
        """All files that it changed."""
        return sorted({*self.in_work_tree, *self.in_index})


def ask_pre_commit(
    repository: Repository, staged: Staged, *, contents: Mapping[str, bytes | None], shared: Collection[str]
) -> Staged:
    """What is to be committed when the pre-commit hook had its say: with its edits of files that people may edit.

    `contents` is what the work tree has at our paths, `shared` are those of them that others write too. The journal on
    the disk follows what the hook does to them. Errors: GitError when it refuses, ConflictError when it edits what
    carries a checksum, or stages a shared file together with changes of the user's.
    """
    git = repository.git
    if not has_hook(git, "pre-commit"):
        return staged
    first = before = git_transaction.staged_tree(git, staged)
    _note_clean(repository, staged, shared)
    known = dict(contents)
    for _ in range(_ROUNDS):
        git_transaction.refresh(git, staged.index)
        refusal = run_hook(git, "pre-commit", index=staged.index, tell=repository.tell)
        _note_edits(repository)
        after = git_transaction.staged_tree(git, staged)
        in_index = git_transaction.differences(git, before, after)
        edits = _Edits(
            {path: now for path, old in known.items() if (now := _read(git, path)) != old},
            {path: entry for path, entry in in_index.items() if path in staged.entries},
        )
        taken = _taken(repository, staged, edits, known=known)
        known.update(edits.in_work_tree)
        staged = replace(staged, entries={**staged.entries, **edits.in_index})
        staged = git_transaction.restage(git, staged, taken)
        before = git_transaction.staged_tree(git, staged) if taken else after
        if refusal is None or not taken:
            break
        repository.tell(f"the pre-commit hook changed {', '.join(edits.paths)}; it is asked again with that")
    if refusal:
        raise refusal.error()
    added = git_transaction.differences(git, first, before)
    return replace(staged, others={path: entry for path, entry in added.items() if path not in staged.entries})


def refuse_edits(repository: Repository, contents: Mapping[str, bytes | None]) -> None:
    """ConflictError when a hook that may say something about the message edited a file that carries a checksum."""
    for path, content in contents.items():
        if _is_sealed(repository, path) and _read(repository.git, path) != content:
            _note_edits(repository)
            raise _edit_of_sealed(repository, "commit message", path)


def tell_post_commit(repository: Repository) -> None:
    """The post-commit hook has run; what it has against the commit comes too late, and is told."""
    refusal: Refusal | None = run_hook(repository.git, "post-commit", tell=repository.tell)
    if refusal:
        repository.tell(f"the post-commit hook failed (exit code {refusal.code}); the commit stands")


def _taken(
    repository: Repository, staged: Staged, edits: _Edits, *, known: Mapping[str, bytes | None]
) -> dict[str, bytes]:
    """The new contents of the files that the hook may edit, as it left them in the work tree."""
    taken = {}
    for path in edits.paths:
        if path not in known or _is_sealed(repository, path):
            raise _edit_of_sealed(repository, "pre-commit", path)
        old, new, entry = known[path], edits.in_work_tree.get(path), staged.entries[path]
        if old is None or (path in edits.in_work_tree and new is None):
            raise ConflictError(
                f"the pre-commit hook changed {path}, which is {'removed' if old is None else 'needed'}; "
                "nothing was committed",
                hint="look at the hook, or skip it with --no-verify",
            )
        if entry is not None and git_transaction.write_blob(repository.git, path, old) != entry.blob:
            # The work tree has changes of the user's in this file too, which are not to be committed.
            if path in edits.in_index:
                raise ConflictError(
                    f"the pre-commit hook staged {path}, where you have changes of your own; nothing was committed",
                    hint=f"commit or stash your changes of {path} first, or skip the hook with --no-verify",
                )
        elif new is not None:
            taken[path] = new
    return taken


def _is_sealed(repository: Repository, path: str) -> bool:
    return repository.layout.is_sealed(repository.layout.from_git(path))


def _edit_of_sealed(repository: Repository, hook: str, path: str) -> ConflictError:
    top = repository.layout.in_git(repository.layout.manifests)
    return ConflictError(
        f"the {hook} hook changed {path}, which is written once and checked by its digest; nothing was committed",
        hint=rf"let the hook leave out {top}/ and *.dvc (pre-commit: exclude: '^{top}/|\.dvc$'), or give --no-verify",
        details={"path": path},
    )


def _note_clean(repository: Repository, staged: Staged, shared: Collection[str]) -> None:
    """The journal knows how a shared file looks while a hook has put the user's own changes in it aside, and where."""
    entries = {path: entry.blob for path in shared if (entry := staged.entries.get(path))}
    contents = repository.git.blobs(entries.values(), paths={blob: path for path, blob in entries.items()})
    clean = {path: hashlib.sha256(contents[blob]).hexdigest() for path, blob in entries.items()}
    stash = newest_stash(repository.git)
    _change_journal(repository, lambda entry: replace(entry, clean=clean, stash=stash))


def _note_edits(repository: Repository) -> None:
    """The journal takes what the hook made of our files for ours, so that undoing puts back what was before both."""
    _change_journal(repository, lambda entry: journal.as_they_are(entry, root=repository.git.root))


def _change_journal(repository: Repository, change: journal.Change) -> None:
    entry = journal.load(repository.journal_file)
    if entry is not None and (changed := change(entry)) != entry:
        journal.save(changed, repository.journal_file)


def _read(git: Git, path: str) -> bytes | None:
    return files.read_bytes(os.path.join(git.root, *path.split("/")))
