"""A version found in an origin: its manifest, and what whoever takes it is to know."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dsv.errors import MismatchError, NoDatasetError, NoVersionError
from dsv.model.reference import Digest, Exact, Ref
from dsv.model.version import Version
from dsv.repository.known.catalog import KnownVersion, find, introduced_in, read_manifest, warning_of
from dsv.repository.obtaining.kept import UserCache

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.repository.obtaining.origin import Origin
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class FoundVersion:
    """A version and its manifest; `repository` is what it was read from, None where the user's cache alone knows it.

    `asked` says that its origin was asked just now. `warning` says that it was deprecated or withdrawn, and why; it is
    empty where nothing is to be said.
    """

    origin: Origin
    manifest: Manifest
    known: KnownVersion
    repository: Repository | None
    asked: bool
    warning: str = ""

    @property
    def name(self) -> str:
        """`NAME@X.Y.Z`."""
        return self.known.name

    @cached_property
    def commit(self) -> str | None:
        """The commit of its release tag, else the one that brought its manifest; None where neither is known here."""
        if self.repository is None:
            return None
        return self.known.tag_commit or introduced_in(self.repository, self.known)


def find_version(origin: Origin, reference: Ref, *, tree: str = "") -> FoundVersion:
    """The version that the reference names there; `tree` is the digest that it must have, where that is known.

    Of an address nothing is asked over the network where the version is known exactly and here: by its digest from
    the user's cache alone, by its number from the metadata that was read last. Otherwise its metadata is refreshed;
    where it does not answer, that is told, and what was read last counts.
    Errors: NoDatasetError, NoVersionError, MismatchError where the version has another digest; those of a remote.
    """
    if origin.visited is None:
        found = found_in(origin, origin.home.home_of(reference), reference, asked=True)
    else:
        found = _cached(origin, reference, tree=tree) or _visited(origin, reference, tree=tree)
    _refuse_other(found, tree=tree)
    return found


def found_in(origin: Origin, repository: Repository, reference: Ref, *, asked: bool) -> FoundVersion:
    """The version that the reference names in the origin as it was read; `asked` says that this was just now.

    Errors: NoDatasetError, NoVersionError.
    """
    known, versions = find(repository, reference)
    manifest = read_manifest(repository, known)
    return FoundVersion(origin, manifest, known, repository, asked, warning_of(known, versions.standing))


def find_again(found: FoundVersion) -> FoundVersion:
    """The version as its origin, asked now, has it: where data has to come, that it was withdrawn is to be heard."""
    assert found.origin.visited is not None  # noqa: S101 - what lies here was just read
    exact = Ref(found.known.dataset, Exact(found.known.version))
    again = found_in(found.origin, found.origin.visited.as_it_is_now(), exact, asked=True)
    _refuse_other(again, tree=found.manifest.digests.tree)
    return again


def _visited(origin: Origin, reference: Ref, *, tree: str) -> FoundVersion:
    assert origin.visited is not None  # noqa: S101 - the caller has looked
    if isinstance(reference.selector, Exact | Digest):
        before = origin.visited.as_read_last()
        with suppress(NoDatasetError, NoVersionError):
            found = found_in(origin, before, reference, asked=False) if before is not None else None
            if found is not None and tree in ("", found.manifest.digests.tree):
                return found
    return found_in(origin, origin.visited.as_it_is_now(), reference, asked=True)


def _cached(origin: Origin, reference: Ref, *, tree: str) -> FoundVersion | None:
    """The version as the user's cache has it, where a digest tells which it is."""
    digits = tree.removeprefix("sha256:")
    if not digits and isinstance(reference.selector, Digest):
        digits = reference.selector.digits
    for kept in UserCache.of_user().kept(tree=digits) if digits else ():
        if (kept.address, kept.dataset) != (origin.address, reference.dataset):
            continue
        if isinstance(reference.selector, Exact) and kept.version != str(reference.selector.version):
            continue
        manifest = kept.read_manifest()
        if manifest is not None:
            known = KnownVersion(
                kept.dataset, Version.parse(kept.version), "", in_head=False, tag=None, tag_commit=None
            )
            return FoundVersion(origin, manifest, known, None, asked=False)
    return None


def _refuse_other(found: FoundVersion, *, tree: str) -> None:
    actual = found.manifest.digests.tree
    if tree and actual != tree:
        raise MismatchError(
            f"{found.name} of {found.origin.address} has the digest {actual}, and {tree} was expected",
            hint="a released version never changes: find out who released it again, and which one is meant",
            details={"ref": found.name, "expected": tree, "actual": actual},
        )
