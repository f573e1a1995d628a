"""The search index kept in step with git: read as it is when no reference moved, else the datasets that changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from dsv.adapters.index import (
    SCHEMA,
    Arrival,
    DamagedIndexError,
    DatasetRow,
    Index,
    LineageRow,
    Outcome,
    VersionRow,
)
from dsv.model.renames import Renames
from dsv.model.standing import COUNTING, UNTOUCHED, Standing, Status, kind_in, standing_of
from dsv.model.version import Version
from dsv.repository.known.manifest_history import look
from dsv.repository.known.parsed_texts import documents, parse_dataset, parse_event, parse_manifest, past_event

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

Answer = TypeVar("Answer")


def index_path(repository: Repository) -> str:
    """Where the index lies."""
    return os.path.join(repository.state, "index.db")


def refs_stamp(repository: Repository) -> str:
    """A text that is the same as long as no ref moved and nothing else changed what the index would hold."""
    return _stamp(repository, _references(repository))


def ask(repository: Repository, question: Callable[[Index], Answer]) -> Answer:
    """What the index answers, brought up to where git's references are now."""

    def fresh(index: Index) -> Answer:
        references = _references(repository)
        stamp = _stamp(repository, references)
        if index.stamp != stamp:
            _refresh(repository, index, references, stamp=stamp)
        return question(index)

    return ask_as_it_is(repository, fresh)


def ask_as_it_is(repository: Repository, question: Callable[[Index], Answer]) -> Answer:
    """What the index answers without a refresh. One that turns out to be damaged is made anew, once."""
    try:
        with Index(index_path(repository)) as index:
            return question(index)
    except DamagedIndexError:
        with Index(index_path(repository)) as index:
            return question(index)


def parsed_manifests(
    repository: Repository, blobs: Iterable[str], *, members: Sequence[str] = ()
) -> dict[str, dict[str, Any]]:
    """The manifests in these blobs as JSON values, by blob id, without those that cannot be read.

    At least these members of each are there, all without any; those that a manifest lacks may be null.
    Each text is parsed once in the life of the index; whether a manifest was edited after its release is not looked at.
    """
    wanted = set(blobs)
    return ask_as_it_is(repository, lambda index: documents(repository, index, wanted, parse_manifest, members=members))


def parsed_events(repository: Repository, blobs: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The same for events."""
    wanted = set(blobs)
    return ask_as_it_is(repository, lambda index: documents(repository, index, wanted, parse_event))


def parsed_declarations(repository: Repository, blobs: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The same for declarations of datasets."""
    wanted = set(blobs)
    return ask_as_it_is(repository, lambda index: documents(repository, index, wanted, parse_dataset))


def _references(repository: Repository) -> str:
    return repository.git.references().decode("utf-8", "backslashreplace")


def _stamp(repository: Repository, references: str) -> str:
    place = f"{SCHEMA}\n{repository.layout.manifests}\n{repository.layout.prefix}\n"
    return f"{_digest(place)}-{_digest(references)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class _Origin:
    """What git says of one manifest: its blob in HEAD's tree, its release tag (name, id), and who brought it.

    `dataset` is the name that its directory has.
    """

    path: str
    dataset: str
    head: str | None = None
    tag: tuple[str, str] | None = None
    arrivals: list[Arrival] = field(default_factory=list)


@dataclass(frozen=True)
class _Facts:
    """One manifest settled: the blob that counts, whether HEAD or its tag holds it, its tag, and its commit."""

    dataset: str
    blob: str
    known: bool
    tag: str | None
    commit: str


def _refresh(repository: Repository, index: Index, references: str, *, stamp: str) -> None:
    """Make the index hold what git holds: of the datasets whose manifests, tags or declaration changed."""
    # gather
    since = index.stamp
    if since is not None and since.partition("-")[0] != stamp.partition("-")[0]:
        since = None
    earlier = index.walk() if since is not None else None
    walk = look(repository, references, earlier=earlier)
    before = earlier.arrivals if earlier is not None and walk.since is not None else ()
    manifests = _Manifests(repository, index, references, arrivals=[*before, *walk.arrivals])
    held = index.sources() if since is not None else {}
    sources = manifests.sources()
    # decide
    changed = [name for name, source in sources.items() if held.get(name) != source]
    datasets, versions = _rows(repository, index, manifests, changed, sources)
    # record
    if since is not None:
        unchanged = sources.keys() - set(changed)
        outcome = index.refresh(
            stamp, since=since, unchanged=unchanged, datasets=datasets, versions=versions, walk=walk
        )
        if outcome is Outcome.WRITTEN:
            return
        # another process was faster; what it wrote may be older than what we look at
        walk = look(repository, references, earlier=None)
        datasets, versions = _rows(repository, index, manifests, list(sources), sources)
    index.replace(stamp, datasets=datasets, versions=versions, walk=walk)


class _Manifests:
    """Everything about manifests that git tells without opening one, by dataset and version text.

    A dataset that was renamed is one, with the manifests of all its names; `events` are blobs by path, and
    `standings` what they come to.
    """

    def __init__(self, repository: Repository, index: Index, references: str, *, arrivals: Iterable[Arrival]) -> None:
        self._repository = repository
        self._index = index
        self.events: dict[str, dict[str, str]] = {}
        self.standings: dict[str, Standing] = {}
        self.declarations: dict[str, str] = {}
        self.origins: dict[str, dict[str, _Origin]] = {}
        layout = repository.layout
        for arrival in dict.fromkeys(arrivals):
            dataset, text = layout.parse_manifest_path(layout.from_git(arrival.path)) or ("", "")
            origin = self.origins.setdefault(dataset, {}).setdefault(text, _Origin(arrival.path, dataset))
            origin.arrivals.append(arrival)
        self._see_head()
        self._see_tags(references)
        self._sort_arrivals()
        self._join_names()

    def sources(self) -> dict[str, str]:
        """For each dataset a digest that differs when anything differs that its rows are made from."""
        found = {}
        for name in sorted(self.origins.keys() | self.declarations.keys()):
            manifests = [
                (text, each.head, each.tag, [(arrival.blob, arrival.commit) for arrival in each.arrivals])
                for text, each in sorted(self.origins.get(name, {}).items())
            ]
            events = sorted(self.events.get(name, {}).items())
            found[name] = _digest(repr((self.declarations.get(name), manifests, events)))
        return found

    def _see_head(self) -> None:
        git, layout = self._repository.git, self._repository.layout
        head = git.head()
        for path, entry in git.tree(head, layout.in_git(layout.manifests)).items() if head else ():
            dataset, _, file = layout.from_git(path)[len(layout.manifests) + 1 :].partition("/")
            if file == "dataset.yaml":
                self.declarations[dataset] = entry.blob
            elif kind_in(file.removeprefix("events/")) in COUNTING:
                self.events.setdefault(dataset, {})[path] = entry.blob
            elif origin := self.origins.get(dataset, {}).get(file.removesuffix(".yaml")):
                origin.head = entry.blob

    def _see_tags(self, references: str) -> None:
        start = f"refs/tags/{self._repository.layout.tag('', '').removesuffix('@v')}"
        for line in filter(None, references.split("\n")):
            identity, _, name = line.partition(" ")
            if name.startswith(start):
                dataset, _, text = name[len(start) :].rpartition("@v")
                if origin := self.origins.get(dataset, {}).get(text):
                    origin.tag = (name.removeprefix("refs/tags/"), identity)

    def _sort_arrivals(self) -> None:
        """Of several commits that brought a manifest, those that HEAD leads to come first, then the earlier ones."""
        for origins in self.origins.values():
            for origin in origins.values():
                if len(origin.arrivals) > 1:
                    origin.arrivals.sort(key=lambda each: (each.commit not in self._past, each.committed, each.commit))

    def _join_names(self) -> None:
        """What lies under a former name of a dataset belongs to its present one."""
        blobs = [blob for files in self.events.values() for blob in files.values()]
        if not blobs:
            return
        parsed = documents(self._repository, self._index, blobs, parse_event)
        past = {
            dataset: [
                past_event(parsed[blob], file=path.rpartition("/")[2])
                for path, blob in files.items()
                if parsed.get(blob, {}).get("dataset") == dataset
            ]
            for dataset, files in self.events.items()
        }
        renames = Renames(past)
        for name in sorted({renames.present(each) for each in past}):
            line = renames.line(name)
            self.standings[name] = standing_of(each for other in line for each in past.get(other, ()))
            for other in line[1:]:
                self.origins[name] = {**self.origins.pop(other, {}), **self.origins.get(name, {})}
                self.events[name] = {**self.events.pop(other, {}), **self.events.get(name, {})}

    @cached_property
    def _past(self) -> frozenset[str]:
        head = self._repository.git.head()
        return self._repository.git.commits_of(head) if head else frozenset()


def _rows(
    repository: Repository, index: Index, manifests: _Manifests, names: Sequence[str], sources: Mapping[str, str]
) -> tuple[list[DatasetRow], list[VersionRow]]:
    """The rows of these datasets and of their versions."""
    settled = _settled(repository, {name: manifests.origins.get(name, {}) for name in names})
    blobs = {facts.blob for facts in settled.values()}
    parsed = documents(repository, index, blobs, parse_manifest)
    declared = documents(
        repository,
        index,
        {manifests.declarations[name] for name in names if name in manifests.declarations},
        parse_dataset,
    )
    datasets: list[DatasetRow] = []
    versions: list[VersionRow] = []
    for name in names:
        declaration = declared.get(manifests.declarations.get(name, ""))
        rows: dict[str, VersionRow] = {}
        standing = manifests.standings.get(name, UNTOUCHED)
        for text in manifests.origins.get(name, {}):
            facts = settled[name, text]
            document = parsed.get(facts.blob)
            if document is not None and (document["dataset"], document["version"]) == (facts.dataset, text):
                version = _version_row(document, facts, description=(declaration or {}).get("description", ""))
                rows[text] = _standing_so(version, name, standing)
        if declaration is None and not rows:
            continue
        newest = max(rows, key=lambda text: (rows[text].known, rows[text].version), default="")
        path = parsed[settled[name, newest].blob]["data"]["path"] if newest else ""
        known = declaration is not None or any(each.known for each in rows.values())
        row = _dataset_row(name, declaration, rows.get(newest), path=path)
        stages = tuple((stage, str(version)) for stage, version in sorted(standing.stages.items()))
        row = replace(row, known=known, source=sources[name], status=standing.dataset.value, stages=stages)
        datasets.append(row)
        versions.extend(rows.values())
    return datasets, versions


def _settled(repository: Repository, origins: Mapping[str, Mapping[str, _Origin]]) -> dict[tuple[str, str], _Facts]:
    """The facts of each manifest; a tag counts when it is annotated and its commit holds the manifest."""
    flat = {(name, text): origin for name, texts in origins.items() for text, origin in texts.items()}
    tagged = [(key, origin.tag[1], origin.path) for key, origin in flat.items() if origin.tag is not None]
    questions = [ask for _, tag, path in tagged for ask in (f"{tag}^{{tag}}", f"{tag}:{path}")]
    answers = repository.git.object_ids(questions)
    under_tag = {
        key: blob
        for (key, _, _), annotated, blob in zip(tagged, answers[::2], answers[1::2], strict=True)
        if annotated is not None and blob is not None
    }
    found = {}
    for key, origin in flat.items():
        blob = under_tag.get(key) or origin.head or origin.arrivals[0].blob
        commit = next((each.commit for each in origin.arrivals if each.blob == blob), origin.arrivals[0].commit)
        tag = origin.tag[0] if origin.tag is not None and key in under_tag else None
        known = key in under_tag or origin.head is not None
        found[key] = _Facts(origin.dataset, blob, known=known, tag=tag, commit=commit)
    return found


def _standing_so(row: VersionRow, dataset: str, standing: Standing) -> VersionRow:
    """The row of a version under the present name of its dataset, as it stands."""
    status, stages = standing.status(row.version), standing.stages_of(row.version)
    return replace(row, dataset=dataset, released_as=row.dataset, status=status.value, stages=stages)


def _version_row(document: Mapping[str, Any], facts: _Facts, *, description: str) -> VersionRow:
    return VersionRow(
        dataset=document["dataset"],
        version=Version.parse(document["version"]),
        type=document["type"],
        format=document["data"]["format"],
        created_at=document["created_at"],
        created_by=document["created_by"],
        summary=document["summary"],
        tags=tuple(document["tags"]),
        description=description,
        records=document["data"]["records"],
        files=document["data"]["files"],
        bytes=document["data"]["bytes"],
        level=document["change"]["level"],
        tree_digest=document["digests"]["tree"],
        status=Status.ACTIVE.value,
        git_tag=facts.tag,
        commit=facts.commit,
        known=facts.known,
        metadata_text=json.dumps(document["metadata"], ensure_ascii=False),
        field_names=tuple(each["name"] for each in document["fields"]),
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


def _dataset_row(name: str, declared: Mapping[str, Any] | None, newest: VersionRow | None, *, path: str) -> DatasetRow:
    """What dataset.yaml says, where HEAD has one, else what the highest known version does."""
    if declared is None:
        kind, form = (newest.type, newest.format) if newest else ("", "")
        return DatasetRow(name, type=kind, format=form, path=path)
    return DatasetRow(
        name=name,
        type=declared["type"],
        format=newest.format if newest else declared["format"],
        path=declared["path"],
        description=declared["description"],
        owners=tuple(declared["owners"]),
    )
