"""The manifests that are checked, each with what its rules ask about it, and the parents that they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.checks.lineage import Descent, Parent
from dsv.checks.requirements import Required
from dsv.checks.subject import Release, Subject
from dsv.checks.tags import DataPointer
from dsv.errors import BadDataError, BadManifestError, DsvError
from dsv.model.finding import Status
from dsv.model.manifest import Manifest, load_manifest
from dsv.model.standing import Status as Standing
from dsv.model.version import Version, parse_version
from dsv.repository.declared.pointers import pointer_here
from dsv.repository.known.parents import Parents

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.repository.checking.declared import Declared
    from dsv.repository.checking.manifest_texts import ManifestTexts
    from dsv.repository.checking.scope import Key, Scope
    from dsv.repository.known.catalog import KnownVersion
    from dsv.repository.repository import Repository


def read_manifests(scope: Scope, texts: ManifestTexts, wanted: Sequence[Key]) -> dict[Key, Manifest | None]:
    """Those that are wanted and those before them; None for one that does not read."""
    current = texts.current
    found = {key: _manifest(current[key]) for key in wanted if key in current}
    for (dataset, _), manifest in list(found.items()):
        before = parse_version(str(manifest.change.previous)) if manifest else None
        if before is not None:
            places = [(name, before) for name in scope.line_of(dataset) if (name, before) in current]
            found.update({each: _manifest(current[each]) for each in places if each not in found})
    return found


def subjects(
    scope: Scope,
    wanted: Sequence[Key],
    *,
    texts: ManifestTexts,
    manifests: Mapping[Key, Manifest | None],
    told: Mapping[Key, Release],
    has_tags: bool,
) -> dict[Key, Subject]:
    """What the rules of single manifests look at."""
    siblings: dict[tuple[str, ...], dict[Version, Manifest]] = {}
    for (dataset, version), manifest in manifests.items():
        if manifest is not None:
            siblings.setdefault(scope.line_of(dataset), {})[version] = manifest
    places: dict[Key, dict[str, bytes]] = {}
    for each in texts.earlier:
        for key, text in each.manifests.items():
            places.setdefault(key, {})[each.place] = text
    return {
        (dataset, version): Subject(
            file=scope.repository.layout.manifest_file(dataset, version),
            dataset=dataset,
            version=version,
            text=texts.current.get((dataset, version)),
            earlier=places.get((dataset, version), {}),
            siblings=siblings.get(scope.line_of(dataset), {}),
            release=told.get((dataset, version)),
            index_pointer=_index_pointer(scope.repository, dataset, version),
            has_tags=has_tags,
        )
        for dataset, version in wanted
    }


def descents(
    scope: Scope,
    subjects: Mapping[Key, Subject],
    *,
    texts: ManifestTexts,
    manifests: Mapping[Key, Manifest | None],
) -> list[Descent]:
    """Those of the manifests that read and name parents, with these; a parent may be there without being released."""
    there, current = Parents(scope.repository, scope.lines), texts.current
    found = []
    for (dataset, version), subject in subjects.items():
        manifest = manifests.get((dataset, version))
        if manifest is None or not manifest.lineage:
            continue
        parents = []
        for reference in (each.ref for each in manifest.lineage if each.repository is None):
            name, _, text = reference.partition("@")
            number = parse_version(text)
            known = there.find(reference) or ((name, number) if number and (name, number) in current else None)
            own = manifests.get((name, number)) if number else None
            parents.append(Parent(reference, known and f"{known[0]}@{known[1]}", own.digests.tree if own else None))
        found.append(Descent(subject, f"{scope.line_of(dataset)[0]}@{version}", manifest, parents))
    return found


def _manifest(text: bytes) -> Manifest | None:
    try:
        return load_manifest(text, file="manifest").value
    except BadManifestError:
        return None


def _index_pointer(repository: Repository, dataset: str, version: Version) -> str | None:
    file = repository.layout.index_pointer(dataset, version)
    content = repository.text(file)
    try:
        return None if content is None else dvc.parse_pointer(content, file=file).md5
    except BadDataError:
        return "unreadable"


def data_pointers(
    scope: Scope, declared: Mapping[str, DatasetSettings], manifests: Mapping[Key, Manifest | None]
) -> list[DataPointer]:
    """The pointers to the data of the datasets that have versions, as far as they can be read."""
    repository, found = scope.repository, []
    released: dict[str, set[str]] = {}
    for (dataset, _), manifest in manifests.items():
        if manifest is not None:
            released.setdefault(scope.line_of(dataset)[0], set()).add(manifest.digests.dvc.removeprefix("md5:"))
    for name, settings in declared.items():
        if name not in released:
            continue
        try:
            pointer = pointer_here(repository, settings.path)
        except DsvError:  # which git and DVC tell of
            continue
        if pointer is not None:
            file = repository.layout.data_pointer(settings.path)
            found.append(DataPointer(name, file, pointer.md5, released[name]))
    return found


def required_of(
    scope: Scope,
    declared: Declared,
    wanted: Sequence[Key],
    *,
    texts: ManifestTexts,
    manifests: Mapping[Key, Manifest | None],
) -> dict[Key, tuple[Required, Status]]:
    """What is asked of which versions: of those that are new, else of the newest of each dataset, as a warning."""
    if scope.only is not None:
        chosen, status = list(wanted), Status.FAILED
    elif texts.in_base is not None:
        chosen, status = [key for key in wanted if key not in texts.in_base], Status.FAILED
    else:
        newest: dict[tuple[str, ...], Key] = {}
        for key in wanted:
            if key in texts.current and not key[1].prerelease:
                line = scope.line_of(key[0])
                newest[line] = max(newest.get(line, key), key, key=lambda each: each[1])
        chosen, status = list(newest.values()), Status.WARNING
    project, found = declared.project, {}
    for key in chosen:
        settings = declared.datasets.get(scope.line_of(key[0])[0])
        if manifests.get(key) is not None:
            found[key] = (
                Required(
                    project.release.require_summary,
                    project.vocabulary.type,
                    project.vocabulary.tags,
                    settings.metadata_required if settings else (),
                ),
                status,
            )
    return found


def known_versions(scope: Scope, keys: Iterable[Key], subjects: Mapping[Key, Subject]) -> dict[KnownVersion, Subject]:
    """Those of the versions that git holds, with their subjects."""
    found = {}
    for key in keys:
        known = scope.lines[key[0]].get(key[1]) if key[0] in scope.lines else None
        if known is not None and known.dataset == key[0] and key in subjects:
            found[known] = subjects[key]
    return found


@dataclass(frozen=True)
class Released:
    """A version whose data is read: its manifest, what its dataset.yaml says now, and the version before, if known."""

    subject: Subject
    known: KnownVersion
    manifest: Manifest
    settings: DatasetSettings | None
    previous: KnownVersion | None
    previous_manifest: Manifest | None


def released(
    scope: Scope,
    declared: Declared,
    keys: Iterable[Key],
    *,
    subjects: Mapping[Key, Subject],
    manifests: Mapping[Key, Manifest | None],
) -> list[Released]:
    """The versions whose data is to be read, with what it is held against."""
    found = []
    for known, subject in known_versions(scope, keys, subjects).items():
        manifest = manifests.get((known.dataset, known.version))
        if manifest is None or known.status is Standing.REMOVED:
            continue
        before = parse_version(str(manifest.change.previous)) if manifest.change.previous else None
        previous = scope.lines[known.dataset].get(before) if before is not None else None
        of_previous = manifests.get((previous.dataset, previous.version)) if previous is not None else None
        settings = declared.datasets.get(scope.line_of(known.dataset)[0])
        found.append(Released(subject, known, manifest, settings, previous, of_previous))
    return found
