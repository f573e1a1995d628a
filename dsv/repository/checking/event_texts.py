"""The events that are checked, with their earlier texts, for the rules that say whether they were only ever added."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dsv.checks.events import EventSubject

if TYPE_CHECKING:
    from dsv.repository.checking.scope import Scope


def event_subjects(scope: Scope) -> list[EventSubject]:
    """The events of the datasets as the work tree has them, or what is staged.

    Earlier are HEAD, the base, and what came between the two.
    """
    git, layout = scope.repository.git, scope.repository.layout
    earlier: dict[str, dict[str, str]] = {"HEAD": _in_tree(scope, scope.head)} if scope.head else {}
    base = scope.base if scope.head else None
    if base is not None:
        earlier[base.place] = _in_tree(scope, base.commit)
        for entry in git.history(*scope.places, revisions=(str(scope.head), f"^{base.commit}")):
            if entry.blob:
                earlier.setdefault(f"commit {entry.commit[:10]}", {})[entry.path] = entry.blob
    compared = base.place if base is not None else "HEAD" if scope.repository.staged is not None else ""
    before = earlier.get(compared)
    here = _at_hand(scope)
    paths = sorted({path for blobs in earlier.values() for path in blobs}.union(*here.values()))
    events = [path for path in paths if (_dataset(scope, path)) in here]
    wanted = {blobs[path]: path for blobs in earlier.values() for path in events if path in blobs}
    contents = git.blobs(wanted, paths=wanted)
    found = []
    for path in events:
        file, dataset = layout.from_git(path), _dataset(scope, path)
        subject = EventSubject(
            file=file,
            dataset=dataset,
            text=scope.repository.text(file),
            earlier={place: contents[blobs[path]] for place, blobs in earlier.items() if path in blobs},
            versions=frozenset(each.version for each in scope.lines[dataset].known),
            is_new=None if before is None else path not in before,
        )
        found.append(subject)
    return found


def _dataset(scope: Scope, path: str) -> str:
    """The dataset whose event has this path; empty where it is none."""
    layout = scope.repository.layout
    return (layout.parse_event_path(layout.from_git(path)) or ("", ""))[0]


def _in_tree(scope: Scope, commit: str) -> dict[str, str]:
    """The events of a commit's tree: their blobs by path."""
    tree = scope.repository.git.tree(commit, *scope.places)
    return {path: entry.blob for path, entry in tree.items() if _dataset(scope, path)}


def _at_hand(scope: Scope) -> dict[str, set[str]]:
    """The files among the events of each dataset, in the work tree, or among what is staged where that is looked at.

    What is staged tells only of datasets that the next commit changes: the others are left out.
    """
    repository, found = scope.repository, dict[str, set[str]]()
    layout = repository.layout
    for name in scope.lines:
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
