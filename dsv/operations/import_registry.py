"""`dsv import registry`: what a registry in a database holds, as versions here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from dsv.errors import (
    BadDataError,
    GateError,
    InProgressError,
    IntegrityError,
    LockedError,
    MismatchError,
    NotFoundError,
    NothingChangedError,
    StateError,
)
from dsv.model.registry import RegistryForm, StatedDataset, StatedVersion, Stray
from dsv.model.registry_names import in_order, number_of
from dsv.model.release_options import USUAL, ReleaseOptions
from dsv.model.scores import Scorer
from dsv.model.standing import GIVES
from dsv.model.version import Version
from dsv.repository import Repository, exclusively
from dsv.repository.declared.places import relative_path
from dsv.repository.known.catalog import Versions, read_manifest, versions_of
from dsv.repository.known.events import record
from dsv.repository.registries.bringing import Arriving, bring, remarks
from dsv.repository.registries.homes import here_already, homes_of, path_of, refuse_others
from dsv.repository.registries.scores import bring_scores, scored_by
from dsv.repository.registries.source import Metrics, RegistrySource, registry_source, stated_in
from dsv.repository.registries.stored import StoredFiles, placed, stored_files

_ALONE = (BadDataError, GateError, IntegrityError, NotFoundError, StateError)
"""What keeps one version away, and no other."""


class Course(Enum):
    """What became of a version of the registry."""

    RELEASED = "released"
    WANTED = "would come"
    HERE = "here already"
    SAME = "same data"
    LEFT = "left out"


@dataclass(frozen=True)
class ImportOptions:
    """Where data goes, what became of the beginnings of paths, the schema of the database, and whose the scores are."""

    directory: str = "data"
    moved: Mapping[str, str] = field(default_factory=dict)
    schema: str | None = None
    scorer: Scorer = field(default_factory=lambda: Scorer("registry"))
    release: ReleaseOptions = USUAL


@dataclass(frozen=True)
class ImportedVersion:
    """A version of the registry and what became of it; `ref` is where its data is here, "" where it is not.

    `scores` are the rows of metrics that the registry has of it, those that came when it came.
    """

    dataset: str
    stated: str
    course: Course
    ref: str = ""
    records: int | None = None
    scores: int = 0
    commit: str | None = None
    why: str = ""
    remarks: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "dataset": self.dataset,
            "registry_version": self.stated,
            "course": self.course.value,
            "ref": self.ref or None,
            "records": self.records,
            "scores": self.scores,
            "commit": self.commit,
            "why": self.why,
            "remarks": list(self.remarks),
        }


@dataclass(frozen=True)
class ImportedDataset:
    """A dataset of the registry with its name here."""

    name: str
    stated: str
    type: str
    status: str | None = None

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"dataset": self.name, "registry_name": self.stated, "type": self.type, "status": self.status}


@dataclass(frozen=True)
class ImportedRegistry:
    """What came of a registry, and what did not."""

    registry: str
    form: RegistryForm
    dry_run: bool
    datasets: Sequence[ImportedDataset]
    versions: Sequence[ImportedVersion]
    left: Sequence[Stray]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "registry": self.registry,
            "form": self.form.value,
            "dry_run": self.dry_run,
            "datasets": [each.document() for each in self.datasets],
            "versions": [each.document() for each in self.versions],
            "left_out": [each.document() for each in self.left],
        }


def import_registry(repository: Repository, url: str, *, options: ImportOptions | None = None) -> ImportedRegistry:
    """The registry's versions whose files are still what it released, each a release of its own, with all that is told.

    What cannot come is in the result, with why; run again, it goes on with what is not here yet. Errors: UsageError for
    an address that is none, UnsupportedError for a database without a registry; those of the database, and of git.
    """
    options = options or ImportOptions()
    # gather
    repository.git.refuse_busy()
    repository.git.identity()
    directory = relative_path(repository, options.directory)
    source = registry_source(url, schema=options.schema)
    stated, metrics = stated_in(source)
    names = homes_of(repository, stated.datasets)
    work = _Import(
        repository,
        source,
        metrics,
        options,
        {each.id: each for each in stated.datasets},
        names,
        directory,
        left=list(stated.strays),
        scored=scored_by(repository, names.values(), options.scorer) if metrics.counts else frozenset(),
    )
    # decide
    numbers = _numbers(stated.datasets)
    order = in_order({each.id: each.versions for each in stated.datasets}, numbers)
    # record
    found = [work.version(work.datasets[dataset], each, numbers[each.id]) for dataset, each in order]
    found += [
        work.unnumbered(each, version)
        for each in stated.datasets
        for version in each.versions
        if version.id not in numbers
    ]
    datasets = [work.dataset(each) for each in stated.datasets]
    return ImportedRegistry(source.shown, stated.form, options.release.dry_run, datasets, found, work.left)


def _numbers(datasets: Sequence[StatedDataset]) -> dict[str, Version]:
    """By the ids of versions, the numbers that they mean; those that mean none are not among them."""
    told = {version.id: number_of(version.text) for each in datasets for version in each.versions}
    return {key: number for key, number in told.items() if number is not None}


@dataclass
class _Import:
    """An import under way; `refs` tells where each version's data is here, by the id of its row.

    `scored` are the versions, `NAME@X.Y.Z`, whose metrics came before.
    """

    repository: Repository
    source: RegistrySource
    metrics: Metrics
    options: ImportOptions
    datasets: Mapping[str, StatedDataset]
    names: Mapping[str, str]
    directory: str
    left: list[Stray]
    scored: frozenset[str]
    refs: dict[str, str] = field(default_factory=dict)
    promised: set[str] = field(default_factory=set)

    @property
    def dry(self) -> bool:
        """Whether nothing is written."""
        return self.options.release.dry_run

    def unnumbered(self, dataset: StatedDataset, version: StatedVersion) -> ImportedVersion:
        """A version whose number is none."""
        return self._told(dataset, version, Course.LEFT, why=f"{version.text!a} is no semantic version")

    def version(self, dataset: StatedDataset, version: StatedVersion, number: Version) -> ImportedVersion:
        """What becomes of a version, and of its metrics."""
        name = self.names[dataset.id]
        try:
            with self._locked(f"import of {name} {number}"):
                done = self._version(dataset, version, number)
        except (LockedError, InProgressError):
            raise
        except _ALONE as error:
            return self._told(dataset, version, Course.LEFT, why=error.message)
        return done if self.dry or not done.ref else self._scored(done, version)

    def _version(self, dataset: StatedDataset, version: StatedVersion, number: Version) -> ImportedVersion:
        versions = versions_of(self.repository, self.names[dataset.id])
        refuse_others(self.repository, versions, dataset)
        name = versions.dataset
        known, ref = versions.get(number), f"{name}@{number}"
        if known is not None and here_already(self.repository, versions, version, known):
            self.refs[version.id] = known.name
            manifest = read_manifest(self.repository, known)
            return self._told(dataset, version, Course.HERE, ref=known.name, records=manifest.data.records)
        if ref in self.promised:
            return self._told(dataset, version, Course.LEFT, why=f"there is another {number}, whose files are right")
        place = placed(version.place, self.options.moved)
        files = self._files(place, version)
        self.promised.add(ref)
        away = self._parents_away(version)
        if self.dry:
            self.refs[version.id] = ref
            scores = self.metrics.counts.get(version.id, 0)
            return self._told(dataset, version, Course.WANTED, ref=ref, scores=scores, remarks=away)
        path = path_of(self.repository, name) or f"{self.directory}/{name}"
        arriving = Arriving(dataset, version, number, name, path, self.refs)
        try:
            done = bring(self.repository, arriving, versions, files, options=self.options.release)
        except NothingChangedError as error:
            self.refs[version.id] = str(error.details["ref"])
            return self._told(dataset, version, Course.SAME, ref=self.refs[version.id], why=error.message)
        self.refs[version.id] = ref
        return self._told(
            dataset,
            version,
            Course.RELEASED,
            ref=ref,
            records=done.manifest.data.records,
            commit=done.commit,
            remarks=[*remarks(arriving, done), *away],
        )

    def _files(self, place: str, version: StatedVersion) -> StoredFiles:
        """The version's files; a mismatch says which other versions lie at the same place, and may be there instead."""
        try:
            return stored_files(place, version.checksum, progress=self.repository.progress)
        except MismatchError as error:
            others = [
                f"{dataset.name} {each.text} ({dataset.type})"
                for dataset in self.datasets.values()
                for each in dataset.versions
                if each.place == version.place and each.id != version.id
            ]
            if not others:
                raise
            raise MismatchError(
                f"{error.message}; {', '.join(others)} lies there too", hint=error.hint, details=error.details
            ) from None

    def _parents_away(self, version: StatedVersion) -> list[str]:
        """What is to be said of parents that did not come."""
        lost = [each.parent for each in version.edges if each.parent not in self.refs]
        return [f"without {len(lost)} of {len(version.edges)} parents, which did not come"] if lost else []

    def _scored(self, done: ImportedVersion, version: StatedVersion) -> ImportedVersion:
        """The same with what came of the version's metrics, unless they came before; what did not is left."""
        if not self.metrics.counts.get(version.id) or done.ref in self.scored:
            return done
        try:
            with self._locked(f"import of scores of {done.ref}"):
                brought = bring_scores(
                    self.repository,
                    self.source,
                    self.metrics,
                    version=version.id,
                    home=done.ref,
                    scorer=self.options.scorer,
                )
        except (LockedError, InProgressError):
            raise
        except NothingChangedError:
            return done
        except _ALONE as error:
            self.left.append(Stray("metrics", done.ref, error.message))
            return done
        if brought.left.rows:
            self.left.append(Stray("metrics", done.ref, str(brought.left)))
        return replace(done, scores=brought.rows)

    def dataset(self, dataset: StatedDataset) -> ImportedDataset:
        """The dataset, standing as it did in the registry."""
        name = self.names[dataset.id]
        here = versions_of(self.repository, name)
        newest = here.newest_base
        came = any(each.id in self.refs for each in dataset.versions)
        if newest is not None and came and not self.dry:
            with self._locked(f"import of {name}"):
                self._mark(dataset, here)
        current = number_of(dataset.current) if came else None
        if current is not None and newest is not None and current != newest.version:
            why = f"latest is {newest.version} here; dsv promote {name}@{current} STAGE gives it a name"
            self.left.append(Stray("current version", f"{name} {current}", why))
        return ImportedDataset(name, dataset.name, dataset.type, GIVES[dataset.mark].value if dataset.mark else None)

    def _mark(self, dataset: StatedDataset, versions: Versions) -> None:
        """The event that says how the dataset stood, unless it was said before."""
        if dataset.mark is None or any(each.event == dataset.mark.value for each in versions.standing.events):
            return
        status = GIVES[dataset.mark].value
        record(
            self.repository,
            dataset.mark,
            versions,
            version=None,
            reason=f"{status} in the registry",
            words=f"{dataset.mark.value.capitalize()} {versions.dataset}",
        )

    @contextmanager
    def _locked(self, operation: str) -> Iterator[None]:
        if self.dry:
            yield
            return
        with exclusively(self.repository, operation):
            yield

    def _told(self, dataset: StatedDataset, version: StatedVersion, course: Course, **more: Any) -> ImportedVersion:
        return ImportedVersion(self.names[dataset.id], version.text, course, **more)
