"""A commit of a release taken back: branch, tag, files and index as they were before it, together or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dsv.repository.writing.departure import Departure, changed_files, depart

if TYPE_CHECKING:
    from dsv.repository.known.catalog import KnownVersion
    from dsv.repository.repository import Repository


def take_back(repository: Repository, known: KnownVersion, *, commit: str, to: str, kept: frozenset[str]) -> None:
    """HEAD at the commit `to`, before the release; its tag gone, its files as they were, the data as it is.

    Files `kept`, by their path from the DVC root, stay in the work tree. After a failure nothing has changed.
    """
    git, layout = repository.git, repository.layout
    changed = changed_files(repository, commit, to=to)
    held = git.tree(commit, *changed)
    stays = {path for path in changed if layout.from_git(path) in kept}
    # what git was told to forget is still there
    stays |= {path for path in changed if path not in held and os.path.lexists(layout.absolute(layout.from_git(path)))}
    tag_id = git.tag_id(known.tag) if known.tag else None
    departure = Departure(
        f"undo of {known.dataset} {known.version}",
        leaving=commit,
        to=to,
        tags={known.tag: (tag_id, None)} if known.tag and tag_id else {},
        kept=frozenset(stays),
        gone=[layout.index_directory(known.dataset, known.version)],
    )
    depart(repository, departure)
