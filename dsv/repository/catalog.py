"""Which versions a dataset has, from git alone: manifests in HEAD's tree and under annotated release tags."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.errors import BadVersionError, MismatchError, NoDatasetError, NoRepositoryError, NoVersionError
from dsv.model.name import is_name
from dsv.model.ranges import Range
from dsv.model.reference import Candidate, Exact, GitRevision, Latest, Ref, Work, choose
from dsv.model.version import Version

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class KnownVersion:
    """A version that exists: its manifest's blob, whether HEAD's tree holds it, and its tag if it has one."""

    dataset: str
    version: Version
    blob: str
    in_head: bool
    tag: str | None
    tag_commit: str | None

    @property
    def name(self) -> str:
        """`NAME@X.Y.Z`."""
        return f"{self.dataset}@{self.version}"


@dataclass(frozen=True)
class Versions:
    """All known versions of one dataset, ascending, and the numbers of release tags without a manifest."""

    dataset: str
    known: Sequence[KnownVersion]
    foreign: Sequence[Version]

    @property
    def taken(self) -> list[Version]:
        """Every number that cannot be given again."""
        return [*(each.version for each in self.known), *self.foreign]

    def bases(self) -> list[KnownVersion]:
        """The versions that a next one may follow: releases in HEAD's tree."""
        return [each for each in self.known if each.in_head and not each.version.prerelease]

    @property
    def newest_base(self) -> KnownVersion | None:
        """The highest of them, which the next version is compared with."""
        return max(self.bases(), key=lambda each: each.version, default=None)

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
    """What is known about the dataset's versions; empty for a name that nothing was released under."""
    layout = repository.layout
    found = _versions(repository, below=layout.directory(dataset), tags=layout.tag(dataset, "*"))
    return found.get(dataset) or Versions(dataset, [], [])


def all_versions(repository: Repository) -> dict[str, Versions]:
    """What is known about the versions of every dataset, by name, in as few calls of git as for one dataset."""
    layout = repository.layout
    return _versions(repository, below=layout.manifests, tags=layout.tag("*", "*"))


def _versions(repository: Repository, *, below: str, tags: str) -> dict[str, Versions]:
    """By dataset, what the manifests below a directory of HEAD's tree and the tags that fit a glob tell."""
    git, layout = repository.git, repository.layout
    found: dict[str, dict[Version, KnownVersion]] = {}
    foreign: dict[str, list[Version]] = {}
    head = git.head()
    for path, entry in git.tree(head, layout.in_git(below)).items() if head else ():
        dataset, text = layout.parse_manifest_path(layout.from_git(path)) or ("", "")
        version = parse_version(text)
        if version is not None:
            known = KnownVersion(dataset, version, entry.blob, in_head=True, tag=None, tag_commit=None)
            found.setdefault(dataset, {})[version] = known
    numbered = []
    for tag in git.tags(tags):
        dataset, text = layout.parse_tag(tag.name) or ("", "")
        version = parse_version(text)
        if version is not None and tag.commit is not None:
            numbered.append((dataset, version, tag))
    paths = [f"{tag.commit}:{layout.in_git(layout.manifest_file(name, version))}" for name, version, tag in numbered]
    for (dataset, version, tag), blob in zip(numbered, git.object_ids(paths), strict=True):
        known_here = found.setdefault(dataset, {})
        if blob is None or not tag.annotated:
            if version not in known_here:
                foreign.setdefault(dataset, []).append(version)
            continue
        known_here[version] = KnownVersion(dataset, version, blob, version in known_here, tag.name, tag.commit)
    return {
        name: Versions(name, [found[name][version] for version in sorted(found[name])], sorted(foreign.get(name, ())))
        for name in sorted(found)
    }


def require_dataset(repository: Repository, dataset: str) -> None:
    """NoDatasetError, with the nearest names, unless the dataset is declared or released."""
    named = is_name(dataset)
    if named and os.path.isfile(repository.layout.absolute(repository.layout.dataset_file(dataset))):
        return
    names = dataset_names(repository)
    if named and (dataset in names or versions_of(repository, dataset).known):
        return
    near = difflib.get_close_matches(dataset, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "dsv list shows the datasets"
    raise NoDatasetError(f"there is no dataset {dataset!a}", hint=hint, details={"candidates": near or names[:20]})


def read_manifest(repository: Repository, known: KnownVersion) -> Manifest:
    """The manifest of a version, as it was released; MismatchError when its checksum is not its own."""
    from dsv.model.manifest import load_manifest, manifest_checksum
    from dsv.records.canonical import encode

    file = repository.layout.manifest_file(known.dataset, known.version)
    paths = {known.blob: repository.layout.in_git(file)}
    content = repository.git.blobs(paths, paths=paths)[known.blob]
    manifest = load_manifest(content, file=file).value
    actual = manifest_checksum(manifest, encode=encode)
    if manifest.checksum != actual:
        raise MismatchError(
            f"{file} was edited after its release: its checksum is {manifest.checksum}, its content has {actual}",
            hint=f"git log -- {file} shows by whom; restore the released text",
            details={"file": file, "expected": manifest.checksum, "actual": actual},
        )
    return manifest


def resolve(repository: Repository, reference: Ref) -> KnownVersion:
    """The one known version that a reference names; NoDatasetError or NoVersionError when there is none.

    `work` and `git:REV` name no version: who takes them handles them before.
    """
    if reference.prefix not in ("", repository.layout.prefix):
        raise NoRepositoryError(f"{reference} lies in another DVC root", hint=f"run this in {reference.prefix}")
    require_dataset(repository, reference.dataset)
    versions = versions_of(repository, reference.dataset)
    if not versions.known:
        raise NoVersionError(
            f"{reference.dataset} has no released version yet", hint=f"dsv add or dsv bump {reference.dataset}"
        )
    if isinstance(reference.selector, Work | GitRevision):
        raise NoVersionError(f"{reference} names no released version", hint="name one, for instance by its number")
    needs_manifests = not isinstance(reference.selector, Exact | Latest | Range)
    candidates = [_candidate(repository, each, with_manifest=needs_manifests) for each in versions.known]
    chosen = choose(reference, candidates)
    return next(each for each in versions.known if each.version == chosen.version)


def parse_version(text: str) -> Version | None:
    """The version, or None for a text that is none: in file and tag names anything may stand."""
    try:
        return Version.parse(text)
    except BadVersionError:
        return None


def _candidate(repository: Repository, known: KnownVersion, *, with_manifest: bool) -> Candidate:
    if not with_manifest:
        return Candidate(known.version)
    manifest = read_manifest(repository, known)
    return Candidate(known.version, created_at=manifest.created_at, tree=manifest.digests.tree)


def introduced_in(repository: Repository, known: KnownVersion) -> str | None:
    """The commit that brought the manifest; None where history is cut off before it."""
    path = repository.layout.in_git(repository.layout.manifest_file(known.dataset, known.version))
    starts = [each for each in (repository.git.head() if known.in_head else None, known.tag_commit) if each]
    found = [each for each in repository.git.history(path, revisions=starts) if each.blob == known.blob]
    return found[0].commit if found else known.tag_commit
