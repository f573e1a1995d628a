"""Files that an operation takes away: not while they have changes that no commit holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsv.errors import ConflictError

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


def refuse_uncommitted(repository: Repository, *files: str, hint: str) -> None:
    """ConflictError unless each of the files, by its path from the DVC root, is as HEAD has it."""
    for file in files:
        if not is_committed(repository, file):
            raise ConflictError(f"{file} has changes that are not committed", hint=hint)


def is_committed(repository: Repository, file: str) -> bool:
    """Whether the work tree and git's index have the file as HEAD has it; also where none of them has one."""
    git, path = repository.git, repository.layout.in_git(file)
    name = f"HEAD:{path}"
    staged = git.staged(path).get(path)
    same_there = (staged.blob if staged else None) == git.object_ids([name])[0]
    return same_there and repository.text(file) == git.blobs([name]).get(name)
