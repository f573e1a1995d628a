"""A push that was killed: the lock is removed that its git left on what is known here of the remote, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dsv.adapters.git.references import free_refs
from dsv.errors import LockedError
from dsv.repository import files

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


@contextmanager
def noting_push(repository: Repository, refs: Mapping[str, str]) -> Iterator[None]:
    """While git pushes it is written down which refs of this clone it sets when that is done, with their ids."""
    if refs:
        files.write_bytes(repository.push_note, json.dumps(dict(refs)).encode())
    try:
        yield
    finally:
        clear_push(repository)


def clear_push(repository: Repository) -> None:
    """No lock is left of a push that has ended, in whatever way; one that is under way is left alone."""
    content = files.read_bytes(repository.push_note)
    if content is None:
        return
    try:
        refs = json.loads(content)
    except ValueError:
        refs = {}
    try:
        free_refs(repository.git, refs, guard=repository.push_guard, timeout=0)
    except LockedError:
        return
    files.remove(repository.push_note)
