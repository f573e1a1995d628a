"""The search index kept in step with git: rebuilt when a ref moved, read as it is when none did."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.adapters.index import SCHEMA, DatasetRow, Index, LineageRow, VersionRow
from dsv.errors import BadManifestError
from dsv.model.version import Version
from dsv.repository.catalog import parse_version

if TYPE_CHECKING:
    from dsv.adapters.git import HistoryEntry
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class _Seen:
    """A manifest in git's history: where it came in, and what its first text was."""

    dataset: str
    version: Version
    entry: HistoryEntry


def index_path(repository: Repository) -> str:
    """Where the index lies."""
    return os.path.join(repository.state, "index.db")


def refs_stamp(repository: Repository) -> str:
    """A text that is the same as long as no ref moved and nothing else changed what the index would hold."""
    text = f"{SCHEMA}\n{repository.layout.manifests}\n{repository.layout.prefix}\n".encode()
    return hashlib.sha256(text + repository.git.references()).hexdigest()


def fresh_index(repository: Repository) -> Index:
    """The index as git's refs are now; close it after use."""
    os.makedirs(repository.state, exist_ok=True)
    index = Index(index_path(repository))
    stamp = refs_stamp(repository)
    if index.stamp != stamp:
        fill(repository, index, stamp)
    return index


def fill(repository: Repository, index: Index, stamp: str) -> None:
    """Make the index hold what git's history holds, in one transaction."""
    seen = _manifests_in_history(repository)
    tags = _release_tags(repository)
    known = _known_blobs(repository, seen, tags)
    blobs = {known.get((each.dataset, each.version), each.entry.blob or "") for each in seen}
    declarations = _declarations(repository)
    documents = _documents(repository, index, blobs, _parse_manifest)
    datasets = _documents(repository, index, declarations.values(), _parse_dataset)
    rows = []
    for each in seen:
        blob = known.get((each.dataset, each.version), each.entry.blob or "")
        document = documents.get(blob)
        if document is not None and (document["dataset"], document["version"]) == (each.dataset, str(each.version)):
            declared = datasets.get(declarations.get(each.dataset, "")) or {}
            rows.append(
                _version_row(
                    each,
                    document,
                    declared,
                    tag=tags.get((each.dataset, each.version)),
                    known=(each.dataset, each.version) in known,
                )
            )
    index.replace(stamp, datasets=_dataset_rows(rows, declarations, datasets), versions=rows)


def _manifests_in_history(repository: Repository) -> list[_Seen]:
    """Each manifest that any branch or tag leads to, with the commit that first brought it."""
    git, layout = repository.git, repository.layout
    first: dict[tuple[str, Version], _Seen] = {}
    for entry in git.history(layout.in_git(layout.manifests)):
        named = layout.parse_manifest_path(layout.from_git(entry.path))
        version = parse_version(named[1]) if named else None
        if named is not None and version is not None and entry.blob is not None:
            first.setdefault((named[0], version), _Seen(named[0], version, entry))
    return list(first.values())


def _release_tags(repository: Repository) -> dict[tuple[str, Version], tuple[str, str]]:
    """(dataset, version) -> (tag, commit) of every annotated tag that has the form of a release."""
    found = {}
    start = f"{repository.layout.prefix}=" if repository.layout.prefix else ""
    for tag in repository.git.tags():
        dataset, at, text = tag.name.removeprefix(start).rpartition("@v")
        version = parse_version(text) if at and tag.name.startswith(start) else None
        if version is not None and tag.annotated and tag.commit is not None:
            found[dataset, version] = (tag.name, tag.commit)
    return found


def _known_blobs(
    repository: Repository, seen: Iterable[_Seen], tags: Mapping[tuple[str, Version], tuple[str, str]]
) -> dict[tuple[str, Version], str]:
    """The manifests that count: those in HEAD's tree, and those under their own annotated tag."""
    git, layout = repository.git, repository.layout
    known: dict[tuple[str, Version], str] = {}
    if head := git.head():
        tree = git.tree(head, layout.in_git(layout.manifests))
        for each in seen:
            path = layout.in_git(layout.manifest_file(each.dataset, each.version))
            if path in tree:
                known[each.dataset, each.version] = tree[path].blob
    names = [
        f"{commit}:{layout.in_git(layout.manifest_file(dataset, version))}"
        for (dataset, version), (_, commit) in tags.items()
    ]
    for key, blob in zip(tags, git.object_ids(names), strict=True):
        if blob is not None:
            known[key] = blob
    return known


def _declarations(repository: Repository) -> dict[str, str]:
    """Dataset -> blob of its dataset.yaml in HEAD's tree."""
    git, layout = repository.git, repository.layout
    head = git.head()
    if head is None:
        return {}
    found = {}
    for path, entry in git.tree(head, layout.in_git(layout.manifests)).items():
        parts = layout.from_git(path)[len(layout.manifests) + 1 :].split("/")
        if len(parts) == 2 and parts[1] == "dataset.yaml":  # noqa: PLR2004 - NAME/dataset.yaml
            found[parts[0]] = entry.blob
    return found


def _documents(repository: Repository, index: Index, ids: Iterable[str], parse: Any) -> dict[str, dict[str, Any]]:
    """The parsed texts by blob id; each text is parsed once in the life of the index."""
    wanted = {each for each in ids if each}
    texts = index.cached(wanted)
    fresh = {
        blob: json.dumps(parse(content), ensure_ascii=True)
        for blob, content in repository.git.blobs(wanted - texts.keys()).items()
    }
    if fresh:
        index.remember(fresh)
    parsed = {blob: json.loads(text) for blob, text in (*texts.items(), *fresh.items())}
    return {blob: document for blob, document in parsed.items() if document is not None}


def _parse_manifest(content: bytes) -> dict[str, Any] | None:
    from dsv.model.documents import plain
    from dsv.model.manifest import load_manifest

    try:
        return plain(load_manifest(content, file="manifest").value)
    except BadManifestError:
        return None


def _parse_dataset(content: bytes) -> dict[str, Any] | None:
    from dsv.model.dataset import load_dataset
    from dsv.model.documents import plain

    try:
        return plain(load_dataset(content, file="dataset.yaml").value)
    except BadManifestError:
        return None


def _version_row(
    seen: _Seen, document: Mapping[str, Any], declared: Mapping[str, Any], *, tag: tuple[str, str] | None, known: bool
) -> VersionRow:
    return VersionRow(
        dataset=seen.dataset,
        version=seen.version,
        type=document["type"],
        format=document["data"]["format"],
        created_at=document["created_at"],
        created_by=document["created_by"],
        summary=document["summary"],
        tags=tuple(document["tags"]),
        description=declared.get("description", ""),
        records=document["data"]["records"],
        files=document["data"]["files"],
        bytes=document["data"]["bytes"],
        level=document["change"]["level"],
        tree_digest=document["digests"]["tree"],
        status="active",
        git_tag=tag[0] if tag else None,
        commit=seen.entry.commit,
        known=known,
        metadata_text=json.dumps(document["metadata"], ensure_ascii=False),
        field_names=tuple(field["name"] for field in document["fields"]),
        lineage=tuple(
            LineageRow(
                parent=edge["ref"],
                relation=edge["relation"],
                inherited=edge["inherited"] or 0,
                new=edge["new"] or 0,
                modified=edge["modified"] or 0,
                removed=edge["removed"] or 0,
                produced_by=edge.get("produced_by"),
            )
            for edge in document["lineage"]
        ),
    )


def _dataset_rows(
    versions: Iterable[VersionRow], declarations: Mapping[str, str], documents: Mapping[str, dict[str, Any]]
) -> list[DatasetRow]:
    """A row for each dataset that is declared or has a version; what is not declared is taken from a version."""
    rows = {
        each.dataset: DatasetRow(name=each.dataset, type=each.type, format=each.format, path="") for each in versions
    }
    for name, blob in declarations.items():
        declared = documents.get(blob)
        if declared is not None:
            rows[name] = DatasetRow(
                name=name,
                type=declared["type"],
                format=rows[name].format if name in rows else declared["format"],
                path=declared["path"],
                description=declared["description"],
                owners=tuple(declared["owners"]),
            )
    return [rows[name] for name in sorted(rows)]
