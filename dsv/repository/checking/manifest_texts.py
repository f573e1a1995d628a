"""Every text of the manifests that a check holds against each other: as they are now, and as they were."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters.git.ancestry import not_in_past
from dsv.adapters.git.work_tree import unmodified
from dsv.model.version import parse_version
from dsv.repository import files

if TYPE_CHECKING:
    from dsv.adapters.git import Tag
    from dsv.checks.subject import Release
    from dsv.model.version import Version
    from dsv.repository.checking.scope import Key, Scope


@dataclass(frozen=True)
class Texts:
    """Manifest texts by their place in the repository, (dataset, version) -> text."""

    place: str
    manifests: Mapping[Key, bytes]


@dataclass(frozen=True)
class ManifestTexts:
    """The manifests as they are now, and all that they must be as: HEAD, the base and what came since, release tags.

    `in_base` are those that the base has; None where there is no base.
    """

    current: Mapping[Key, bytes]
    earlier: Sequence[Texts]
    in_base: Collection[Key] | None

    @property
    def known(self) -> list[Key]:
        """Every version that is, or was, by name and number."""
        return sorted({*self.current, *(key for texts in self.earlier for key in texts.manifests)})


def manifest_texts(
    scope: Scope, *, tags: Sequence[tuple[str, Version, Tag]], told: Mapping[Key, Release]
) -> ManifestTexts:
    """The texts of the manifests that are looked at; `told` is what the tags lead to."""
    in_head = _in_tree(scope, scope.head) if scope.head else {}
    current = _staged(scope) if scope.repository.staged is not None else _in_work_tree(scope, in_head)
    if scope.head is None:
        return ManifestTexts(current, [], None)
    earlier = [Texts("HEAD", in_head)]
    if scope.base is not None:
        earlier.append(Texts(scope.base.place, _in_tree(scope, scope.base.commit)))
        earlier += _since(scope, scope.head, scope.base.commit)
    outside = not_in_past(scope.repository.git, scope.head, commits={tag.commit for _, _, tag in tags if tag.commit})
    for dataset, version, tag in tags:
        release = told[dataset, version]
        if tag.commit not in outside and release.manifest is not None and release.annotated:
            earlier.append(Texts(f"the tag {release.tag}", {(dataset, version): release.manifest}))
    return ManifestTexts(current, earlier, earlier[1].manifests.keys() if scope.base is not None else None)


def _staged(scope: Scope) -> dict[Key, bytes]:
    layout = scope.repository.layout
    named = ((_key(layout.parse_manifest_path(path)), text) for path, text in (scope.repository.staged or {}).items())
    return {key: text for key, text in named if key is not None}


def _in_work_tree(scope: Scope, in_head: Mapping[Key, bytes]) -> dict[Key, bytes]:
    """The manifests in the work tree; where a file is not there (a sparse checkout), as HEAD has them."""
    layout, git = scope.repository.layout, scope.repository.git
    found, differing = dict(in_head), dict[tuple[str, "Version"], bytes]()
    top = layout.absolute(layout.manifests)
    for dataset in scope.names or (os.listdir(top) if os.path.isdir(top) else ()):
        directory = layout.absolute(layout.directory(dataset))
        for file in os.listdir(directory) if os.path.isdir(directory) else ():
            key = _key(layout.parse_manifest_path(f"{layout.directory(dataset)}/{file}"))
            content = files.read_bytes(os.path.join(directory, file)) if key is not None else None
            if key is not None and content is not None and found.get(key) != content:
                differing[key] = content
    paths = [layout.in_git(layout.manifest_file(*each)) for each in differing]
    for key, is_as_in_head in zip(list(differing), unmodified(git, paths), strict=True):
        if not is_as_in_head:
            found[key] = differing[key]
    return found


def _in_tree(scope: Scope, commit: str) -> dict[Key, bytes]:
    """The manifests of a commit's tree."""
    git, layout = scope.repository.git, scope.repository.layout
    blobs, paths = dict[tuple[str, "Version"], str](), dict[str, str]()
    for path, entry in git.tree(commit, *scope.places).items():
        key = _key(layout.parse_manifest_path(layout.from_git(path)))
        if key is not None:
            blobs[key], paths[entry.blob] = entry.blob, path
    contents = git.blobs(paths, paths=paths)
    return {key: contents[blob] for key, blob in blobs.items()}


def _since(scope: Scope, head: str, base: str) -> list[Texts]:
    """What each commit since the base had."""
    git, layout = scope.repository.git, scope.repository.layout
    since: dict[str, dict[Key, str]] = {}
    paths: dict[str, str] = {}
    for entry in git.history(*scope.places, revisions=(head, f"^{base}")):
        key = _key(layout.parse_manifest_path(layout.from_git(entry.path)))
        if key is not None and entry.blob:
            since.setdefault(entry.commit, {})[key] = entry.blob
            paths[entry.blob] = entry.path
    contents = git.blobs(paths, paths=paths)
    return [
        Texts(f"commit {commit[:10]}", {key: contents[blob] for key, blob in blobs.items()})
        for commit, blobs in since.items()
    ]


def _key(named: tuple[str, str] | None) -> Key | None:
    """The dataset and the version that a path names."""
    version = parse_version(named[1]) if named else None
    return (named[0], version) if named and version is not None else None
