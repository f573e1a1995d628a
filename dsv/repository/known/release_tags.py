"""What the release tags of datasets say of their versions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from dsv.adapters.git import Tag
from dsv.checks.subject import Release
from dsv.model.version import Version, parse_version

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


_FEW = 100
"""So many patterns are given to git; with more of them all tags are listed faster."""


def release_tags(repository: Repository, datasets: Collection[str]) -> list[tuple[str, Version, Tag]]:
    """Every tag of the form of a release that leads to a commit, with dataset and version; without names of all."""
    start = repository.layout.tag("", "").removesuffix("@v")
    tags = []
    patterns = [repository.layout.tag(name, "*") for name in sorted(datasets)]
    for tag in repository.git.tags(*(patterns if len(patterns) <= _FEW else ())):
        dataset, at, text = tag.name.removeprefix(start).rpartition("@v")
        version = parse_version(text) if at and tag.name.startswith(start) else None
        if version is not None and tag.commit and (not datasets or dataset in datasets):
            tags.append((dataset, version, tag))
    return tags


def releases(repository: Repository, tags: Sequence[tuple[str, Version, Tag]]) -> Mapping[tuple[str, Version], Release]:
    """The manifest that each of the tags leads to and the digest that its message names, by dataset and version."""
    git, layout = repository.git, repository.layout
    names = {
        (dataset, version): f"{tag.commit}:{layout.in_git(layout.manifest_file(dataset, version))}"
        for dataset, version, tag in tags
    }
    manifests = git.blobs(names.values())
    trees = git.tag_trailers([tag.name for _, _, tag in tags if tag.annotated], "Dsv-Tree")
    return {
        (dataset, version): Release(
            tag.name, tag.annotated, manifests.get(names[dataset, version]), trees.get(tag.name)
        )
        for dataset, version, tag in tags
    }
