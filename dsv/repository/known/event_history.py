"""The events of a repository with their earlier texts, for the rules that say whether they were only ever added."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from dsv.checks.events import EventSubject

if TYPE_CHECKING:
    from dsv.repository.known.catalog import Versions
    from dsv.repository.repository import Repository


def event_subjects(
    repository: Repository, lines: Mapping[str, Versions], *, base: str | None = None
) -> list[EventSubject]:
    """The events of the datasets, given by each of their names, as the work tree has them, or what is staged.

    Earlier are HEAD, the base, and what came between the two.
    """
    git = repository.git
    head = git.head()
    earlier = {"HEAD": _in_tree(repository, head)} if head else {}
    if base is not None and head is not None:
        start = git.resolve(base)
        earlier[f"the base {base}"] = _in_tree(repository, start)
        for entry in git.history(repository.layout.in_git(repository.layout.manifests), revisions=(head, f"^{start}")):
            if entry.blob:
                earlier.setdefault(f"commit {entry.commit[:10]}", {})[entry.path] = entry.blob
    here = _at_hand(repository, lines)
    paths = sorted({path for blobs in earlier.values() for path in blobs}.union(*here.values()))
    contents = git.blobs(
        {blob for blobs in earlier.values() for blob in blobs.values()},
        paths={blob: path for blobs in earlier.values() for path, blob in blobs.items()},
    )
    found = []
    for path in paths:
        dataset, _ = repository.layout.parse_event_path(repository.layout.from_git(path)) or ("", "")
        if dataset in here:
            texts = {place: contents[blobs[path]] for place, blobs in earlier.items() if path in blobs}
            found.append(_subject(repository, path, dataset, texts, lines[dataset]))
    return found


def _subject(
    repository: Repository, path: str, dataset: str, texts: Mapping[str, bytes], versions: Versions
) -> EventSubject:
    file = repository.layout.from_git(path)
    return EventSubject(
        file=file,
        dataset=dataset,
        text=repository.text(file),
        earlier=texts,
        versions=frozenset(each.version for each in versions.known),
    )


def _in_tree(repository: Repository, commit: str) -> dict[str, str]:
    """The events of a commit's tree: their blobs by path."""
    layout = repository.layout
    tree = repository.git.tree(commit, layout.in_git(layout.manifests))
    return {path: entry.blob for path, entry in tree.items() if layout.parse_event_path(layout.from_git(path))}


def _at_hand(repository: Repository, names: Iterable[str]) -> dict[str, set[str]]:
    """The files among the events of each dataset, in the work tree, or among what is staged where that is looked at.

    What is staged tells only of datasets that the next commit changes: the others are left out.
    """
    layout, found = repository.layout, dict[str, set[str]]()
    for name in names:
        start = f"{layout.events(name)}/"
        if repository.staged is None:
            directory = layout.absolute(start.rstrip("/"))
            files = [start + file for file in os.listdir(directory)] if os.path.isdir(directory) else []
        elif any(path.startswith(f"{layout.directory(name)}/") for path in repository.staged):
            files = [path for path in repository.staged if path.startswith(start)]
        else:
            continue
        found[name] = {layout.in_git(file) for file in files if file.endswith(".yaml")}
    return found
