"""The DVC remotes of another repository, lent to a cache that lies here."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.repository.elsewhere.clones import brought_file

if TYPE_CHECKING:
    from dsv.repository.elsewhere.added import AddedRepository
    from dsv.repository.repository import Repository


def with_remotes(
    repository: Repository, added: AddedRepository, clone: Repository, *, cache: dvc.Cache, commit: str | None = None
) -> Repository | None:
    """The clone as a DVC root that has the remotes of that repository and this cache; None where it has no remotes.

    They are those of its HEAD and then those of the commit, which may be an older one. Of its settings no more counts
    than where the remotes are. Errors: those of a server that does not give the file.
    """
    borrowed = dvc.borrowed_remotes(brought_file(repository, added, dvc.CONFIG) or b"")
    if commit is not None:
        then = dvc.borrowed_remotes(brought_file(repository, added, dvc.CONFIG, commit=commit) or b"")
        remotes = {**then.remotes, **borrowed.remotes}
        borrowed = dvc.BorrowedRemotes(remotes, borrowed.default or then.default)
    if not borrowed.remotes:
        return None
    root = os.path.join(clone.state, "remotes")
    dvc.lend_remotes(root, borrowed, cache=cache)
    return replace(clone, layout=replace(clone.layout, root=root), staged=None)
