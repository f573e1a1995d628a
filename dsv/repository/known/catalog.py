"""Which versions a dataset has, from git alone: manifests in HEAD's tree and under annotated release tags."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import TYPE_CHECKING

from dsv.errors import ConflictError, NoDatasetError, NoRepositoryError, NoVersionError
from dsv.model.name import is_name
from dsv.model.ranges import Range
from dsv.model.reference import Candidate, Exact, GitRevision, Latest, Ref, Stage, Work, choose
from dsv.model.renames import Renames
from dsv.model.standing import COUNTING, UNTOUCHED, Standing, Status, kind_in, standing_of
from dsv.model.version import Version, parse_version
from dsv.repository.known.released_text import as_released, refuse_two

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.model.standing import PastEvent
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class KnownVersion:
    """A version that exists: its manifest's blob, whether HEAD's tree holds it, its tag if it has one, how it stands.

    `dataset` is the name under which it was released, which its manifest has and lies under. `other_blob` is what
    HEAD's tree has as its manifest where that is not what its tag leads to.
    """

    dataset: str
    version: Version
    blob: str
    in_head: bool
    tag: str | None
    tag_commit: str | None
    status: Status = Status.ACTIVE
    other_blob: str | None = None

    @property
    def name(self) -> str:
        """`NAME@X.Y.Z`."""
        return f"{self.dataset}@{self.version}"


@dataclass(frozen=True)
class Versions:
    """All known versions of one dataset, ascending, and the numbers of release tags without a manifest.

    `dataset` is its name today, `names` that and those it had before; `standing` is what its events tell.
    """

    dataset: str
    known: Sequence[KnownVersion]
    foreign: Sequence[Version]
    standing: Standing = UNTOUCHED
    names: Sequence[str] = ()

    @property
    def taken(self) -> list[Version]:
        """Every number that cannot be given again."""
        return [*(each.version for each in self.known), *self.foreign]

    def bases(self) -> list[KnownVersion]:
        """The versions that a next one may follow: releases in HEAD's tree that were not withdrawn."""
        return [
            each for each in self.known if each.in_head and not each.version.prerelease and not each.status.withdrawn
        ]

    @property
    def newest_base(self) -> KnownVersion | None:
        """The highest of them, which the next version is compared with."""
        return max(self.bases(), key=lambda each: each.version, default=None)

    @property
    def latest(self) -> KnownVersion | None:
        """The highest release that was not withdrawn."""
        found = [each for each in self.known if not each.version.prerelease and not each.status.withdrawn]
        return found[-1] if found else None

    def get(self, version: Version) -> KnownVersion | None:
        """The known version with this number."""
        return next((each for each in self.known if each.version == version), None)


def dataset_names(repository: Repository) -> list[str]:
    """Every dataset declared in the work tree or in HEAD's tree, by name."""
    layout = repository.layout
    names = set()
    directory = layout.absolute(layout.manifests)
    if os.path.isdir(directory):
        with os.scandir(directory) as entries:
            names = {
                entry.name
                for entry in entries
                if is_name(entry.name) and os.path.isfile(os.path.join(entry.path, "dataset.yaml"))
            }
    if head := repository.git.head():
        for path in repository.git.tree(head, layout.in_git(layout.manifests)):
            dataset, _, file = layout.from_git(path)[len(layout.manifests) + 1 :].rpartition("/")
            if file == "dataset.yaml" and is_name(dataset):
                names.add(dataset)
    return sorted(names)


def versions_of(repository: Repository, dataset: str) -> Versions:
    """What is known about the versions of the dataset that has, or had, this name; empty where nothing has it."""
    held = _Held(repository)
    held.look(dataset)
    while absent := [each for each in held.renames.line(dataset) if each not in held.places]:
        for name in absent:
            held.look(name)
    return held.versions(dataset, held.renames)


def all_versions(repository: Repository) -> dict[str, Versions]:
    """What is known about the versions of every dataset, by its name today, in as few calls of git as for one."""
    held = _Held(repository)
    held.look_everywhere()
    renames = held.renames
    present = {renames.present(name) for name in held.places}
    return {name: held.versions(name, renames) for name in sorted(present)}


def every_name(repository: Repository) -> dict[str, str]:
    """Each name that a dataset has, or had before a rename, with its present one."""
    had = {name: present for present, versions in all_versions(repository).items() for name in versions.names}
    return {**had, **{name: name for name in dataset_names(repository)}}


@dataclass
class _Place:
    """What HEAD's tree holds below one dataset's directory, and what tags say of it; `events` are blobs by path."""

    known: dict[Version, KnownVersion] = field(default_factory=dict)
    foreign: list[Version] = field(default_factory=list)
    events: dict[str, str] = field(default_factory=dict)
    past: list[PastEvent] = field(default_factory=list)


class _Held:
    """What git holds of datasets, by the name of their directory, and how these belong together."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self.places: dict[str, _Place] = {}

    def look(self, dataset: str) -> None:
        """At the directory and the tags of one name."""
        layout = self._repository.layout
        self.places[dataset] = _Place()
        self._gather(below=layout.directory(dataset), tags=layout.tag(dataset, "*"))

    def look_everywhere(self) -> None:
        """At all directories and all tags."""
        self._gather(below=self._repository.layout.manifests, tags=self._repository.layout.tag("*", "*"))

    def _gather(self, *, below: str, tags: str) -> None:
        git, layout = self._repository.git, self._repository.layout
        found: dict[str, _Place] = {}
        head = git.head()
        for path, entry in git.tree(head, layout.in_git(below)).items() if head else ():
            dataset, text = layout.parse_manifest_path(layout.from_git(path)) or ("", "")
            version = parse_version(text)
            if version is not None:
                known = KnownVersion(dataset, version, entry.blob, in_head=True, tag=None, tag_commit=None)
                found.setdefault(dataset, _Place()).known[version] = known
                continue
            dataset, text = layout.parse_event_path(layout.from_git(path)) or ("", "")
            if kind_in(text) in COUNTING:
                found.setdefault(dataset, _Place()).events[path] = entry.blob
        self._see_tags(found, tags)
        self._read_events(found)
        self.places.update(found)

    def _see_tags(self, found: dict[str, _Place], tags: str) -> None:
        git, layout = self._repository.git, self._repository.layout
        numbered = []
        for tag in git.tags(tags):
            dataset, text = layout.parse_tag(tag.name) or ("", "")
            version = parse_version(text)
            if version is not None and tag.commit is not None:
                numbered.append((dataset, version, tag))
        files = [
            f"{tag.commit}:{layout.in_git(layout.manifest_file(name, version))}" for name, version, tag in numbered
        ]
        for (dataset, version, tag), blob in zip(numbered, git.object_ids(files), strict=True):
            place = found.setdefault(dataset, _Place())
            if blob is None or not tag.annotated:
                if version not in place.known:
                    place.foreign.append(version)
                continue
            here = place.known.get(version)
            other = here.blob if here is not None and here.blob != blob else None
            known = KnownVersion(dataset, version, blob, here is not None, tag.name, tag.commit, other_blob=other)
            place.known[version] = known

    def _read_events(self, found: Mapping[str, _Place]) -> None:
        """What the events tell; most datasets have none, and then nothing is loaded that reads them."""
        files = {path: blob for place in found.values() for path, blob in place.events.items()}
        if not files:
            return
        from dsv.repository.known.events import past_events

        told = past_events(self._repository, files)
        for place in found.values():
            place.past = [told[path] for path in place.events if path in told]

    @property
    def renames(self) -> Renames:
        """Which names belong together."""
        return Renames({name: place.past for name, place in self.places.items()})

    def versions(self, dataset: str, renames: Renames) -> Versions:
        """What is known under all names of the dataset; a number counts once, that of the later name first."""
        names = renames.line(dataset)
        places = [self.places[name] for name in names if name in self.places]
        standing = standing_of(each for place in places for each in place.past)
        known: dict[Version, KnownVersion] = {}
        for place in places:
            known = {**place.known, **known}
        foreign = {version for place in places for version in place.foreign if version not in known}
        ordered = [replace(known[version], status=standing.status(version)) for version in sorted(known)]
        return Versions(names[0], ordered, sorted(foreign), standing, names)


def require_dataset(repository: Repository, dataset: str) -> str:
    """The present name of the dataset that is declared or released under this one, today or before a rename.

    NoDatasetError, with the nearest names, where there is none.
    """
    named = is_name(dataset)
    if named and os.path.isfile(repository.layout.absolute(repository.layout.dataset_file(dataset))):
        return dataset
    names = dataset_names(repository)
    if named and dataset in names:
        return dataset
    if named and ((versions := versions_of(repository, dataset)).known or versions.dataset != dataset):
        return versions.dataset
    near = difflib.get_close_matches(dataset, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "dsv list shows the datasets"
    raise NoDatasetError(f"there is no dataset {dataset!a}", hint=hint, details={"candidates": near or names[:20]})


def refuse_removed(repository: Repository, versions: Versions) -> None:
    """ConflictError where the dataset was removed: nothing new is released of it; of an archived one that is told."""
    cause = versions.standing.cause(None)
    if cause is None or versions.standing.dataset is Status.DEPRECATED:
        return
    said = f"{versions.dataset} is {versions.standing.dataset.value}: {cause.told}"
    if versions.standing.dataset is Status.ARCHIVED:
        repository.tell(said)
    else:
        raise ConflictError(said, hint=f"dsv restore {versions.dataset} takes it back")


def read_manifest(repository: Repository, known: KnownVersion) -> Manifest:
    """The manifest of a version, as it was released; MismatchError when its checksum is not its own."""
    return next(read_manifests(repository, [known]))


def read_manifests(repository: Repository, versions: Sequence[KnownVersion]) -> Iterator[Manifest]:
    """The same for several versions, in their order, read from git at once."""
    for known, file, content in _texts(repository, versions):
        manifest = as_released(content, file=file, name=known.name)
        if known.other_blob is not None:
            [(_, _, other)] = _texts(repository, [replace(known, blob=known.other_blob)])
            refuse_two(manifest, other, file=file, name=known.name, tag=known.tag)
        yield manifest


def version_with(repository: Repository, versions: Versions, *, tree: str) -> KnownVersion | None:
    """The highest known version that has data of this tree digest."""
    # Most manifests do not name the digest at all, and need not be parsed.
    named = (each for each in reversed(_texts(repository, versions.known)) if tree.encode() in each[2])
    return next(
        (
            known
            for known, file, content in named
            if as_released(content, file=file, name=known.name).digests.tree == tree
        ),
        None,
    )


def _texts(repository: Repository, versions: Sequence[KnownVersion]) -> list[tuple[KnownVersion, str, bytes]]:
    """Each version with its manifest's file and text."""
    layout = repository.layout
    files = {each.blob: layout.manifest_file(each.dataset, each.version) for each in versions}
    contents = repository.git.blobs(files, paths={blob: layout.in_git(file) for blob, file in files.items()})
    return [(each, files[each.blob], contents[each.blob]) for each in versions]


def resolve(repository: Repository, reference: Ref) -> KnownVersion:
    """The one known version that a reference names; NoDatasetError or NoVersionError when there is none.

    Of one that was deprecated or withdrawn it is told that it was, and why. `work` and `git:REV` name no version:
    who takes them handles them before.
    """
    known, versions = find(repository, reference)
    warn(repository, known, versions.standing)
    return known


def find(repository: Repository, reference: Ref) -> tuple[KnownVersion, Versions]:
    """What `resolve` gives, with all versions of the dataset, and without a word about how it stands."""
    if reference.prefix not in ("", repository.layout.prefix):
        raise NoRepositoryError(f"{reference} lies in another DVC root", hint=f"run this in {reference.prefix}")
    versions = versions_of(repository, require_dataset(repository, reference.dataset))
    if not versions.known:
        raise NoVersionError(
            f"{reference.dataset} has no released version yet", hint=f"dsv add or dsv bump {reference.dataset}"
        )
    if isinstance(reference.selector, Work | GitRevision):
        raise NoVersionError(f"{reference} names no released version", hint="name one, for instance by its number")
    chosen = choose(reference, _candidates(repository, reference, versions))
    return next(each for each in versions.known if each.version == chosen.version), versions


def _candidates(repository: Repository, reference: Ref, versions: Versions) -> list[Candidate]:
    """The versions with what the selector looks at; most selectors look at no manifest."""
    with_manifests = not isinstance(reference.selector, Exact | Latest | Range | Stage)
    found = []
    manifests = read_manifests(repository, versions.known) if with_manifests else repeat(None)
    for known, manifest in zip(versions.known, manifests, strict=False):
        candidate = Candidate(
            known.version,
            yanked=known.status is Status.YANKED,
            removed=known.status is Status.REMOVED,
            stages=versions.standing.stages_of(known.version),
        )
        if manifest is not None:
            candidate = replace(candidate, created_at=manifest.created_at, tree=manifest.digests.tree)
        found.append(candidate)
    return found


def warn(repository: Repository, known: KnownVersion, standing: Standing) -> None:
    """Whoever takes a version that was deprecated or withdrawn is told so, and why."""
    if warning := warning_of(known, standing):
        repository.tell(warning)


def warning_of(known: KnownVersion, standing: Standing) -> str:
    """What whoever takes the version is to know: that it was deprecated or withdrawn, and why; "" where neither."""
    cause = standing.cause(known.version)
    if cause is None or known.status is Status.ARCHIVED:
        return ""
    whole = f", as all of {cause.dataset}" if cause.version is None else ""
    return f"{known.name} is {known.status.value}{whole}: {cause.told}"


def introduced_in(repository: Repository, known: KnownVersion) -> str | None:
    """The commit that brought the manifest; None where history is cut off before it."""
    path = repository.layout.in_git(repository.layout.manifest_file(known.dataset, known.version))
    starts = [each for each in (repository.git.head() if known.in_head else None, known.tag_commit) if each]
    found = [each for each in repository.git.history(path, revisions=starts) if each.blob == known.blob]
    return found[0].commit if found else known.tag_commit
