"""All datasets with their versions as pages show them, from the index; manifests are read a dataset at a time."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.adapters.index import OWN, Filter, Page, Shown
from dsv.errors import NoRepositoryError
from dsv.exports.site.facts import DatasetFacts, SampleRecord, Score, UsingRun, VersionFacts
from dsv.model.scores import Histogram
from dsv.model.standing import Happening, Occurrence
from dsv.repository.known.lineage_graph import lineage_graph
from dsv.repository.known.search_index import ask, parsed_declarations, parsed_manifests
from dsv.repository.presenting.changed_records import changed_records
from dsv.repository.presenting.samples import sample_records

if TYPE_CHECKING:
    from dsv.adapters.index import DatasetEntry, Index, QualityRow, VersionRow
    from dsv.model.lineage import Lineage
    from dsv.model.manifest import Manifest
    from dsv.model.version import Version
    from dsv.records.changed_record import RecordExample
    from dsv.repository.repository import Repository

_TOLD = tuple(each.value for each in Happening if each is not Happening.RUN)


@dataclass(frozen=True)
class Catalogue:
    """What the index holds of this repository's datasets; `sources` has a digest of all that one was made from."""

    repository: Repository
    entries: Mapping[str, DatasetEntry]
    versions: Mapping[str, Sequence[VersionRow]]
    events: Mapping[str, Sequence[Occurrence]]
    runs: Mapping[tuple[str, str], Sequence[UsingRun]]
    sources: Mapping[str, str]
    graph: Lineage
    with_records: bool
    _rules: dict[str, Sequence[str]] = field(default_factory=dict, compare=False)

    def dataset(self, name: str, *, about: Version | None = None) -> DatasetFacts:
        """The dataset with all its versions, whose manifests are read for that; records are those of all, or of one."""
        entry = self.entries[name]
        rows = self.versions.get(name, ())
        documents = parsed_manifests(self.repository, [row.told.blob for row in rows])
        events = self.events.get(name, ())
        read = {str(row.version): _manifest(documents[row.told.blob]) for row in rows if row.told.blob in documents}
        found = [
            self._version(row, read, events, with_records=self.with_records and about in (None, row.version))
            for row in rows
            if str(row.version) in read
        ]
        return DatasetFacts(
            name=name,
            type=entry.type,
            format=entry.format,
            path=entry.path,
            description=entry.description,
            owners=entry.owners,
            tags=entry.tags,
            status=entry.status,
            stages=entry.stages,
            rules=self._rules.get(name, ()),
            latest=entry.latest,
            versions=found,
            events=events,
        )

    def records_here(self, name: str) -> list[bool]:
        """Of which of its versions DVC's cache has data and record index, so that records can be shown."""
        if not self.with_records:
            return []
        rows = self.versions.get(name, ())
        return [self._is_here(digest) for row in rows for digest in (row.dvc_digest, row.index_digest)]

    def _is_here(self, data: str) -> bool:
        return self._cache is not None and os.path.exists(self._cache.path_of(data.removeprefix("md5:")))

    @cached_property
    def _cache(self) -> dvc.Cache | None:
        """DVC's cache; None for a repository at a URL, of which only the metadata is here."""
        try:
            return dvc.find_cache(self.repository.layout.root)
        except NoRepositoryError:
            return None

    def _version(
        self, row: VersionRow, read: Mapping[str, Manifest], events: Sequence[Occurrence], *, with_records: bool
    ) -> VersionFacts:
        manifest = read[str(row.version)]
        before = read.get(str(manifest.change.previous))
        return VersionFacts(
            dataset=row.dataset,
            version=row.version,
            manifest=manifest,
            status=row.status,
            stages=row.stages,
            git_tag=row.git_tag,
            commit=row.commit,
            quality=row.quality_score,
            scores=[_score(each) for each in row.quality if not each.facet],
            events=[each for each in events if each.version in (None, row.version)],
            runs=self.runs.get((row.dataset, str(row.version)), ()),
            samples=self._samples(manifest) if with_records else None,
            changed=self._changed(before, manifest) if with_records and before is not None else (),
        )

    def _samples(self, manifest: Manifest) -> list[SampleRecord] | None:
        return sample_records(self.repository, manifest) if self._is_here(manifest.digests.dvc) else None

    def _changed(self, old: Manifest, new: Manifest) -> Sequence[RecordExample]:
        here = all(self._is_here(each.digests.index) for each in (old, new))
        return changed_records(self.repository, old, new) if here else ()


def catalogue(repository: Repository, *, with_records: bool, only: Collection[str] | None = None) -> Catalogue:
    """The catalogue of this repository, or of some of its datasets; without records none of the data is in it.

    Versions that are only on other branches are not in it, and neither are other repositories that were added.
    """
    entries, rows, trail, runs, sources = ask(repository, lambda index: _held(index, only))
    versions: dict[str, list[VersionRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.version):
        versions[row.dataset].append(row)
    events: dict[str, list[Occurrence]] = defaultdict(list)
    for each in reversed(trail):
        events[each.dataset].append(each)
    return Catalogue(
        repository,
        {each.name: each for each in entries},
        versions,
        events,
        runs,
        sources,
        lineage_graph(repository),
        with_records,
        _rules=_rules(repository, {each.name for each in entries}),
    )


def _held(index: Index, only: Collection[str] | None) -> tuple[Any, ...]:
    from dsv.adapters.index.trail import Asked

    everything = Filter(shown=Shown.KNOWN, repository=OWN)
    entries = index.datasets(where=everything, page=Page()).rows
    if only is None:
        rows = index.versions()
        trail = index.trail(Asked(kinds=_TOLD)).rows
    else:
        entries = [each for each in entries if each.name in only]
        rows = [row for name in sorted(only) for row in index.versions(name)]
        trail = [row for name in sorted(only) for row in index.trail(Asked(dataset=name, kinds=_TOLD)).rows]
    runs: dict[tuple[str, str], list[UsingRun]] = defaultdict(list)
    for each in index.runs():
        if each.repository == OWN and (only is None or each.dataset in only):
            data = json.loads(each.data)
            model, metrics = data.get("model"), data.get("metrics")
            runs[each.dataset, each.version].append(
                UsingRun(
                    each.run,
                    each.version,
                    each.at,
                    model if isinstance(model, str) else "",
                    metrics if isinstance(metrics, dict) else {},
                )
            )
    return entries, rows, trail, runs, index.sources()


def _manifest(document: Mapping[str, Any]) -> Manifest:
    from dsv.model.manifest import Manifest

    return Manifest.model_validate_json(json.dumps(document))


def _score(row: QualityRow) -> Score:
    return Score(
        row.scorer,
        row.metric,
        row.n,
        row.coverage,
        row.mean,
        row.min,
        row.max,
        row.pass_rate,
        histogram=_histogram(row.histogram),
    )


def _histogram(value: Any) -> Histogram | None:
    """The histogram that a manifest tells of, where it is one: it may say anything there."""
    if not isinstance(value, dict):
        return None
    first, last, counts = value.get("from"), value.get("to"), value.get("counts")
    if not (isinstance(first, int | float) and isinstance(last, int | float) and isinstance(counts, list)):
        return None
    if not counts or not all(isinstance(each, int) and each >= 0 for each in counts) or first > last:
        return None
    return Histogram(float(first), float(last), tuple(counts))


def _rules(repository: Repository, names: Collection[str]) -> dict[str, Sequence[str]]:
    """The checks that HEAD's declarations ask for, by dataset."""
    git, layout = repository.git, repository.layout
    head = git.head()
    blobs = {}
    for path, entry in git.tree(head, layout.in_git(layout.manifests)).items() if head else ():
        dataset, _, file = layout.from_git(path)[len(layout.manifests) + 1 :].rpartition("/")
        if file == "dataset.yaml" and dataset in names:
            blobs[dataset] = entry.blob
    documents = parsed_declarations(repository, blobs.values())
    return {name: [str(each) for each in documents.get(blob, {}).get("checks") or ()] for name, blob in blobs.items()}
