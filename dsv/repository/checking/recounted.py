"""Versions counted anew: what changed since the one before, and what came from parents, told from record indexes."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from dsv.checks.numbers import Recounted
from dsv.errors import DsvError
from dsv.model.policy import Policy
from dsv.model.policy_rules import decide
from dsv.model.source import PREVIOUS
from dsv.model.version import Version, parse_version
from dsv.records.formats import OPAQUE
from dsv.repository.comparing.versions import held_index, record_index, side_from
from dsv.repository.contents.comparison import are_keyed, change_between, compared_records
from dsv.repository.known.catalog import KnownVersion, read_manifest, versions_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsv.model.change import RecordCounts
    from dsv.model.manifest import Manifest
    from dsv.records.index import RecordIndex
    from dsv.repository.checking.scope import Key, Scope
    from dsv.repository.contents.comparison import Side


class Recount:
    """The record indexes of versions, each opened once; with `data`, those that are not here are made from data."""

    def __init__(self, scope: Scope, manifests: Mapping[Key, Manifest | None], *, data: bool) -> None:
        self._scope, self._manifests, self._data = scope, manifests, data
        self._sides: dict[tuple[str, Version], Side | None] = {}

    def of(self, key: Key, manifest: Manifest) -> Recounted:
        """What is counted anew of a version."""
        own = self._side(key, manifest)
        name = f"{key[0]}@{key[1]}"
        if own is None:
            return Recounted(missing=name)
        if wrong := _wrong(own, manifest):
            return Recounted(wrong=wrong)
        lineage = self._lineage(manifest, own)
        before = parse_version(str(manifest.change.previous)) if manifest.change.previous else None
        if before is None:
            return Recounted(lineage=lineage)
        found = self._earlier(key[0], before)
        if found is None:
            return Recounted(lineage=lineage)  # which is told of by its own check
        previous = self._side(*found)
        if previous is None:
            return Recounted(missing=f"{found[0][0]}@{before}", lineage=lineage)
        recorded = manifest.change.policy
        policy = Policy(
            name=recorded.name, major=recorded.major, minor=recorded.minor, rare_fields=recorded.rare_fields
        )
        change = change_between(previous, own, policy=policy, executor=self._scope.repository.executor)
        return Recounted(change.records, decide(change, policy=policy).level, lineage=lineage)

    def _earlier(self, dataset: str, version: Version) -> tuple[Key, Manifest] | None:
        """The version with this number, under whatever name the dataset had."""
        for name in self._scope.line_of(dataset):
            manifest = self._manifests.get((name, version))
            if manifest is not None:
                return (name, version), manifest
        return None

    def _lineage(self, manifest: Manifest, own: Side) -> dict[str, RecordCounts]:
        """The counts against the parents in this repository whose record indexes are here."""
        found = {}
        for entry in manifest.lineage:
            name, _, text = entry.ref.partition("@")
            number = parse_version(text)
            if entry.relation == PREVIOUS or entry.repository is not None or number is None or ":" in name:
                continue
            parent = self._parent(name, number, digest=entry.digest)
            if parent is not None:
                keyed = are_keyed(parent, own)
                executor = self._scope.repository.executor
                found[entry.ref] = compared_records(parent, own, keyed=keyed, executor=executor).counts
        return found

    def _parent(self, name: str, version: Version, *, digest: str | None) -> Side | None:
        """A parent that has the data that the version was made from."""
        repository = self._scope.repository
        with suppress(DsvError):
            known = versions_of(repository, name).get(version)
            manifest = read_manifest(repository, known) if known is not None else None
            if known is not None and manifest is not None and digest in (None, manifest.digests.tree):
                return self._side((known.dataset, version), manifest)
        return None

    def _side(self, key: Key, manifest: Manifest) -> Side | None:
        if key not in self._sides:
            known = KnownVersion(*key, blob="", in_head=False, tag=None, tag_commit=None)
            index = None
            with suppress(DsvError):  # what damaged it, or where DVC keeps it, is told of by doctor and verify
                index = self._index(known, manifest)
            self._sides[key] = None if index is None else side_from(f"{key[0]}@{key[1]}", manifest, index)
        return self._sides[key]

    def _index(self, known: KnownVersion, manifest: Manifest) -> RecordIndex | None:
        repository = self._scope.repository
        if self._data:
            return record_index(repository, known, manifest)
        return held_index(repository, known, manifest, in_git=self._in_git)

    @cached_property
    def _in_git(self) -> list[str]:
        """The files that git keeps of record indexes, which is none where nobody forced them on it."""
        layout = self._scope.repository.layout
        return self._scope.repository.git.tracked(layout.in_git(f"{layout.manifests}/*/index/*"))


def _wrong(own: Side, manifest: Manifest) -> str:
    """What a version's record index says otherwise than its manifest, in words; empty where nothing is."""
    index = own.index
    if f"sha256:{index.tree_digest}" != manifest.digests.tree:
        return "files of another tree"
    if index.count != manifest.data.records:
        return f"{index.count:,} records, and the manifest {manifest.data.records:,}"
    if f"sha256:{index.records_digest()}" != manifest.digests.records:
        return "records of another digest"
    if len(index.files) != manifest.data.files:
        return f"{len(index.files):,} files, and the manifest {manifest.data.files:,}"
    expected = {split: count for split, count in manifest.splits.items() if count}
    if manifest.data.format != OPAQUE and _splits(own) != expected:
        return "other splits"
    return ""


def _splits(own: Side) -> dict[str, int]:
    """The records of each named split that has some, by their files."""
    counts: dict[str, int] = {}
    split_of = own.split_of_file()
    for number, records in enumerate(own.index.records_by_file()):
        split = split_of(number)
        if split is not None and records:
            counts[split] = counts.get(split, 0) + records
    return counts
