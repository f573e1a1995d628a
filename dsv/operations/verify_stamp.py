"""`dsv verify --stamp`: whether the versions that a model was made from are still what they were."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dsv.errors import NoDatasetError, NoVersionError
from dsv.model.documents import plain
from dsv.model.run import UsedVersion
from dsv.model.stamp import Stamp
from dsv.repository import Repository
from dsv.repository.clock import now
from dsv.repository.elsewhere.added import address_of, is_ours, own_address
from dsv.repository.known.catalog import KnownVersion, require_dataset, versions_of
from dsv.repository.running.stamps import read_stamp
from dsv.repository.verification.verification import TAG, Case, Problem, cases, in_manifest, in_tag

STAMP, VERSION = "stamp", "version"
"""Where a problem is: in what the stamp says, or in that there is no such version."""

Open = Callable[[str, str], Repository]
"""Gives the repository at an address or path, with the DVC root below git's ("" for that)."""


@dataclass(frozen=True)
class VerifiedUse:
    """A version of a stamp: what is wrong with it, its status, and what gave it that where it is not active.

    `repository` is where it was looked for.
    """

    used: UsedVersion
    repository: str
    problems: Sequence[Problem]
    status: str = "active"
    cause: str = ""
    checked_at: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is what it was; one that was withdrawn meanwhile is."""
        return not self.problems

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        actual = next((each.actual for each in self.problems if (each.place, each.path) == (STAMP, "tree")), None)
        return {
            "ref": self.used.reference,
            "ok": self.ok,
            "expected": self.used.digests.tree,
            "actual": actual if self.problems else self.used.digests.tree,
            "checked_at": self.checked_at,
            "status": self.status,
            "cause": self.cause or None,
            "repository": self.repository,
            "problems": [each.document() for each in self.problems],
        }


@dataclass(frozen=True)
class VerifiedStamp:
    """A stamp, and what was found of each version that it names."""

    stamp: Stamp
    results: Sequence[VerifiedUse]

    @property
    def ok(self) -> bool:
        """Whether every version is what it was."""
        return all(each.ok for each in self.results)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        told = plain(self.stamp)
        del told["schema"], told["datasets"]
        return {"ok": self.ok, "stamp": told, "results": [each.document() for each in self.results]}


def verify_stamp(repository: Repository | None, directory: str, *, open_other: Open) -> VerifiedStamp:
    """The stamp in a directory held against the repository at hand or, for what that has not, the one that it names.

    A version exists, its digests and its manifest's checksum are those of the stamp, manifest and tag are intact; the
    data itself is not read. Errors: NoPathError and BadManifestError for the stamp, those of a remote.
    """
    stamp = read_stamp(directory)
    return VerifiedStamp(stamp, [_verified(repository, each, open_other=open_other) for each in stamp.datasets])


def _verified(repository: Repository | None, used: UsedVersion, *, open_other: Open) -> VerifiedUse:
    if repository is not None:
        found = _looked_up(repository, used, place=own_address(repository) or repository.layout.root)
        if found.ok or not used.repository or _is(repository, used.repository):
            return found
    if not used.repository:
        raise NoDatasetError(
            f"the stamp does not say where {used.name} lies", hint="run this in its repository, or give --repo URL"
        )
    here = os.path.join(used.repository, used.root or "") if os.path.isabs(used.repository) else used.repository
    return _looked_up(
        open_other(here if os.path.isdir(here) else used.repository, used.root or ""), used, place=used.repository
    )


def _is(repository: Repository, place: str) -> bool:
    """Whether the place that a stamp names is this repository, or one that is not there any more."""
    if os.path.isabs(place):
        return not os.path.isdir(place) or os.path.realpath(place) == os.path.realpath(repository.git.root)
    return is_ours(repository, address_of(place, directory=repository.git.root))


def _looked_up(repository: Repository, used: UsedVersion, *, place: str) -> VerifiedUse:
    at = now()
    if (used.root or "") != repository.layout.prefix and repository.git.has_work_tree:
        repository = repository.with_root(used.root or "")
    try:
        versions = versions_of(repository, require_dataset(repository, used.name))
    except (NoDatasetError, NoVersionError):
        return VerifiedUse(used, place, [_missing(used)], checked_at=at)
    known = versions.get(used.version)
    if known is None:
        return VerifiedUse(used, place, [_missing(used)], checked_at=at)
    cause = versions.standing.cause(known.version)
    return VerifiedUse(
        used,
        place,
        list(_problems(repository, known, used)),
        status=known.status.value,
        cause=cause.told if cause is not None else "",
        checked_at=at,
    )


def _missing(used: UsedVersion) -> Problem:
    return Problem(VERSION, used.reference, "missing", used.digests.tree, None)


def _problems(repository: Repository, known: KnownVersion, used: UsedVersion) -> Iterator[Problem]:
    [case] = cases(repository, [known])
    yield from in_manifest(case)
    yield from in_tag(case)
    yield from _of_digests(case, used)
    if used.tag is not None and known.tag is None:
        yield Problem(TAG, used.tag, "missing", used.tag, None)


def _of_digests(case: Case, used: UsedVersion) -> Iterator[Problem]:
    if case.manifest is None:
        return
    digests = case.manifest.digests
    pairs = {
        "tree": (used.digests.tree, digests.tree),
        "records": (used.digests.records, digests.records),
        "dvc": (used.digests.dvc, digests.dvc),
        "manifest": (used.manifest, case.manifest.checksum),
    }
    for what, (expected, actual) in pairs.items():
        if expected != actual:
            yield Problem(STAMP, what, "mismatch", expected, actual)
