"""Every text of the manifests that a check holds against each other: as they are now, and as they were."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters.git.work_tree import unmodified
from dsv.model.version import Version, parse_version
from dsv.repository import files

if TYPE_CHECKING:
    from dsv.adapters.git import Tag
    from dsv.checks.subject import Release
    from dsv.repository.repository import Repository


Key = tuple[str, Version]
"""A dataset, by the name that a manifest lies under, and a version."""


@dataclass(frozen=True)
class Texts:
    """Manifest texts by their place in the repository, (dataset, version) -> text."""

    place: str
    manifests: Mapping[Key, bytes]


def current_texts(repository: Repository, names: Sequence[str]) -> dict[Key, bytes]:
    """The manifests in the work tree; where a file is not there (a sparse checkout), as HEAD has them.

    Where the repository shows what is staged, those that are.
    """
    layout = repository.layout
    if repository.staged is not None:
        named_texts = ((layout.parse_manifest_path(path), text) for path, text in repository.staged.items())
        versions = ((named[0], parse_version(named[1]), text) for named, text in named_texts if named)
        return {(dataset, version): text for dataset, version, text in versions if version is not None}
    head = repository.git.head()
    found = dict(_in_tree(repository, head, names=names).manifests) if head else {}
    differing: dict[Key, bytes] = {}
    top = layout.absolute(layout.manifests)
    for dataset in names or (os.listdir(top) if os.path.isdir(top) else ()):
        directory = layout.absolute(layout.directory(dataset))
        for file in os.listdir(directory) if os.path.isdir(directory) else ():
            named = layout.parse_manifest_path(f"{layout.directory(dataset)}/{file}")
            version = parse_version(named[1]) if named else None
            content = files.read_bytes(os.path.join(directory, file)) if version is not None else None
            if version is not None and content is not None and found.get((dataset, version)) != content:
                differing[dataset, version] = content
    paths = [layout.in_git(layout.manifest_file(*each)) for each in differing]
    for key, is_as_in_head in zip(list(differing), unmodified(repository.git, paths), strict=True):
        if not is_as_in_head:
            found[key] = differing[key]
    return found


def place_of_base(base: str | None) -> str:
    """What the base is called in findings."""
    return f"the base {base}"


def _in_tree(repository: Repository, commit: str, *, names: Sequence[str], place: str = "HEAD") -> Texts:
    git, layout = repository.git, repository.layout
    blobs, paths = {}, {}
    for path, entry in git.tree(commit, layout.in_git(layout.manifests)).items():
        named = layout.parse_manifest_path(layout.from_git(path))
        version = parse_version(named[1]) if named else None
        if named is not None and version is not None and _is_asked(named[0], names):
            blobs[named[0], version], paths[entry.blob] = entry.blob, path
    contents = git.blobs(paths, paths=paths)
    return Texts(place, {key: contents[blob] for key, blob in blobs.items()})


def earlier_texts(
    repository: Repository,
    base: str | None,
    *,
    names: Sequence[str],
    tags: Sequence[tuple[str, Version, Tag]],
    told: Mapping[Key, Release],
) -> list[Texts]:
    """Everything that must stand unchanged: HEAD, the base and what came since, release tags in HEAD's past."""
    git, layout = repository.git, repository.layout
    head = git.head()
    if head is None:
        return []
    found = [_in_tree(repository, head, names=names)]
    if base is not None:
        start = git.resolve(base)
        found.append(_in_tree(repository, start, names=names, place=place_of_base(base)))
        since: dict[str, dict[Key, str]] = {}
        paths: dict[str, str] = {}
        for entry in git.history(layout.in_git(layout.manifests), revisions=(head, f"^{start}")):
            named = layout.parse_manifest_path(layout.from_git(entry.path))
            version = parse_version(named[1]) if named else None
            if named is not None and version is not None and entry.blob and _is_asked(named[0], names):
                since.setdefault(entry.commit, {})[named[0], version] = entry.blob
                paths[entry.blob] = entry.path
        contents = git.blobs(paths, paths=paths)
        for commit, blobs in since.items():
            found.append(Texts(f"commit {commit[:10]}", {key: contents[blob] for key, blob in blobs.items()}))
    past = git.commits_of(head)
    for dataset, version, tag in tags:
        release = told[dataset, version]
        if tag.commit in past and release.manifest is not None and release.annotated:
            found.append(Texts(f"the tag {release.tag}", {(dataset, version): release.manifest}))
    return found


def _is_asked(dataset: str, names: Sequence[str]) -> bool:
    """Whether the dataset is among those named, or none is."""
    return not names or dataset in names
