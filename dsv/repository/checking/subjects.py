"""The manifests that are checked, each with what its rules ask about it, and the parents that they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.checks.lineage import Descent, Parent
from dsv.checks.subject import Release, Subject
from dsv.errors import BadDataError, BadManifestError
from dsv.model.manifest import Manifest, load_manifest
from dsv.model.version import Version, parse_version
from dsv.repository.known.parents import Parents

if TYPE_CHECKING:
    from dsv.repository.checking.manifest_texts import Key, Texts
    from dsv.repository.known.catalog import Versions
    from dsv.repository.repository import Repository


def subjects(
    repository: Repository,
    wanted: Sequence[Key],
    *,
    current: Mapping[Key, bytes],
    earlier: Sequence[Texts],
    manifests: Mapping[Key, Manifest | None],
    lines: Mapping[str, Versions],
    told: Mapping[Key, Release],
) -> dict[Key, Subject]:
    """What the rules of single manifests look at."""
    siblings: dict[tuple[str, ...], dict[Version, Manifest]] = {}
    for (dataset, version), manifest in manifests.items():
        if manifest is not None:
            siblings.setdefault(names_of(dataset, lines), {})[version] = manifest
    places: dict[Key, dict[str, bytes]] = {}
    for texts in earlier:
        for key, text in texts.manifests.items():
            places.setdefault(key, {})[texts.place] = text
    return {
        (dataset, version): Subject(
            file=repository.layout.manifest_file(dataset, version),
            dataset=dataset,
            version=version,
            text=current.get((dataset, version)),
            earlier=places.get((dataset, version), {}),
            siblings=siblings.get(names_of(dataset, lines), {}),
            release=told.get((dataset, version)),
            index_pointer=_index_pointer(repository, dataset, version),
        )
        for dataset, version in wanted
    }


def read_manifests(
    current: Mapping[Key, bytes],
    wanted: Sequence[Key],
    *,
    lines: Mapping[str, Versions],
) -> dict[Key, Manifest | None]:
    """Those that are wanted and those before them; None for one that does not read."""
    found = {key: _manifest(current[key]) for key in wanted if key in current}
    for (dataset, _), manifest in list(found.items()):
        before = parse_version(str(manifest.change.previous)) if manifest else None
        if before is not None:
            places = [(name, before) for name in names_of(dataset, lines) if (name, before) in current]
            found.update({each: _manifest(current[each]) for each in places if each not in found})
    return found


def descents(
    repository: Repository,
    subjects: Mapping[Key, Subject],
    manifests: Mapping[Key, Manifest | None],
    *,
    current: Mapping[Key, bytes],
    lines: Mapping[str, Versions],
) -> list[Descent]:
    """Those of the manifests that read and name parents, with these; a parent may be there without being released."""
    there = Parents(repository, lines)
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
        present = lines[dataset].dataset if dataset in lines else dataset
        found.append(Descent(subject, f"{present}@{version}", manifest, parents))
    return found


def names_of(dataset: str, lines: Mapping[str, Versions]) -> tuple[str, ...]:
    """The names of the dataset that has, or had, this one."""
    return tuple(lines[dataset].names) if dataset in lines else (dataset,)


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
