"""What is looked at in DVC's cache to verify a version: the objects of its data and those of its record index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dsv.model.standing import Status
from dsv.records import sums
from dsv.repository.verification.verification import CACHE, INDEX, SCORES, Case, Problem, difference

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.repository.verification.held_objects import HeldObjects
    from dsv.repository.verification.version_contents import Contents, Listed


def in_cache(case: Case, contents: Contents, held: HeldObjects) -> Iterator[Problem]:
    """The objects are there; those whose bytes were read, as lists and the record index always are, are sound.

    The files of the data are read here only where their sizes do not add up to what the manifest says.
    """
    manifest = case.manifest
    if manifest is None:
        return
    _look(manifest, contents, held)
    for place, part in ((CACHE, contents.data), (INDEX, contents.index), *((SCORES, each) for each in contents.scores)):
        for problem in _of_part(place, part, contents.sha256 if place == CACHE else None, held):
            # Of a version that was removed it is known that its data is gone.
            if not (problem.kind == "missing" and case.known.status is Status.REMOVED):
                yield problem
    yield from of_listing(INDEX, manifest, contents)


def _look(manifest: Manifest, contents: Contents, held: HeldObjects) -> None:
    """Read what is read always, and what gives reason to."""
    scores = [each.oid for each in contents.scores]
    held.look([*contents.index.oids, *scores, *(oid for oid in contents.data.oids if oid.endswith(".dir"))])
    files = (contents.data.files or {}).values()
    sizes = [held.size(oid) for oid in files]
    if None not in sizes and sum(size or 0 for size in sizes) != manifest.data.bytes:
        held.look(files)


def _of_part(place: str, part: Listed, sha256: Mapping[str, str] | None, held: HeldObjects) -> Iterator[Problem]:
    named = {oid: path for path, oid in sorted((part.files or {}).items(), reverse=True)}
    if part.oid.endswith(".dir"):
        named[part.oid] = ""
    for oid, file in named.items():
        expected = sha256.get(file) if sha256 and file else None
        if held.known(oid):
            found = difference(held.seen(oid), md5=oid.removesuffix(".dir"), sha256=expected)
        elif held.size(oid) is None:
            found = "missing", f"md5:{oid}", None
        else:
            continue
        if found is not None:
            there = part.path_of(file) if file else part.path
            yield Problem(place, held.shown(oid), *found, file=there, object=oid)
    if part.refused:
        yield Problem(place, held.shown(part.oid), "unreadable", None, part.refused, file=part.path, object=part.oid)


def of_listing(place: str, manifest: Manifest, contents: Contents) -> Iterator[Problem]:
    """SHA256SUMS is that of the manifest's tree, and names the files that DVC's list names."""
    path = contents.index.path_of(sums.FILE_NAME)
    if contents.listing is not None and contents.listing != manifest.digests.tree:
        yield Problem(place, path, "mismatch", manifest.digests.tree, contents.listing)
    if contents.listing is not None and contents.sha256 is None:
        yield Problem(place, path, "unreadable", None, "it is not what sha256sum writes")
    if contents.data.files is not None and contents.sha256 is not None:
        listed, named = contents.data.files.keys(), contents.sha256.keys()
        for file in sorted(listed ^ named):
            there = contents.data.path_of(file)
            expected, actual = (there, None) if file in listed else (None, there)
            yield Problem(place, path, "mismatch", expected, actual, file=there)
