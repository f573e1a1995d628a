"""Pins and the versions they mean: found where they come from, held against what was locked, and locked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsv.errors import ConflictError, MismatchError, NoVersionError
from dsv.model.executor import LOCAL, Executor
from dsv.model.pins import FILE_NAME, LockedDigests, Pin
from dsv.model.reference import Exact, Ref
from dsv.repository.elsewhere.visited import is_address
from dsv.repository.obtaining.finding import found_in
from dsv.repository.obtaining.origin import Origin, origin

if TYPE_CHECKING:
    from dsv.repository.consuming.consumer import Consumer
    from dsv.repository.obtaining.finding import FoundVersion
    from dsv.repository.repository import Repository

_DIGITS_SHOWN = 12


@dataclass
class Sources:
    """The repositories that a project's pins name, each asked once what it has now."""

    consumer: Consumer
    executor: Executor = LOCAL
    _asked: dict[tuple[str, str], tuple[Origin, Repository]] = field(default_factory=dict)

    def named(self, pin: Pin) -> FoundVersion:
        """The version that the pin's range means now. Errors: NoDatasetError, NoVersionError, those of a remote."""
        return self._found(pin, pin.reference)

    def locked(self, pin: Pin) -> FoundVersion:
        """The version that is locked, as it is there now, which is as it was.

        Errors: NoVersionError where it is gone, MismatchError where its tag was moved or its digests are others.
        """
        found = self._found(pin, exact(pin))
        refuse_other(pin, found)
        return found

    def _found(self, pin: Pin, reference: Ref) -> FoundVersion:
        there, repository = self._as_it_is_now(pin, reference)
        return found_in(there, repository, reference, asked=True)

    def _as_it_is_now(self, pin: Pin, reference: Ref) -> tuple[Origin, Repository]:
        asked = (pin.repository, reference.prefix)
        if asked not in self._asked:
            there = origin_of_pin(self.consumer, pin, executor=self.executor)
            seen = there.visited.as_it_is_now() if there.visited else there.home.home_of(reference)
            self._asked[asked] = (there, seen)
        return self._asked[asked]


def exact(pin: Pin) -> Ref:
    """The locked version as it is named in its repository."""
    assert pin.version is not None  # noqa: S101 - the caller has looked
    reference = pin.reference
    return Ref(reference.dataset, Exact(pin.version), reference.prefix)


def origin_of_pin(consumer: Consumer, pin: Pin, *, executor: Executor = LOCAL) -> Origin:
    """Where the dataset of the pin comes from; nothing is asked over the network yet. Errors: those of `origin`."""
    return origin(
        address_from(consumer, pin.repository),
        root=pin.root or "",
        tell=consumer.tell,
        progress=consumer.progress,
        executor=executor,
        lock_timeout=consumer.lock_timeout,
    )


def address_from(consumer: Consumer, place: str) -> str:
    """Where a repository is that a pin names: an address, or a path from this directory."""
    return place if is_address(place) else os.path.normpath(os.path.join(consumer.root, place))


def refuse_other(pin: Pin, found: FoundVersion) -> None:
    """Nothing, when the version is what was locked; MismatchError says what differs.

    Of one that the user's cache alone knows the tag is not known, and its digests tell.
    """
    again = f"find out who changed it; dsv pin remove {pin.name} and dsv pin add lock what is there now"
    name, where = found.name, pin.repository
    if (
        found.repository is not None
        and pin.tag is not None
        and (found.known.tag, found.known.tag_commit) != (pin.tag, pin.commit)
    ):
        now = (found.known.tag_commit or "")[:_DIGITS_SHOWN]
        said = f"is at {now} now" if now else "is gone"
        raise MismatchError(
            f"the tag {pin.tag} of {where} {said}, and was at {(pin.commit or '')[:_DIGITS_SHOWN]} when it was locked",
            hint=again,
            details={"ref": name, "tag": pin.tag, "expected": pin.commit, "actual": found.known.tag_commit},
        )
    expected, actual = _texts(pin.digests), _texts(digests_of(found))
    differing = [kind for kind in actual if actual[kind] != expected.get(kind)]
    if differing:
        kind = differing[0]
        raise MismatchError(
            f"{name} of {where} has the {kind} digest {actual[kind]}, and {FILE_NAME} has {expected.get(kind)}",
            hint=again,
            details={"ref": name, "digests": differing, "expected": expected, "actual": actual},
        )


def locked_to(pin: Pin, found: FoundVersion) -> Pin:
    """The pin with this version locked. ConflictError for one that was withdrawn, unless it is locked already."""
    if found.known.status.withdrawn and pin.version != found.known.version:
        raise ConflictError(
            f"{found.warning}; what was withdrawn is not pinned anew",
            hint=f"pin another version: dsv log {found.known.dataset} --repo {pin.repository} shows them",
        )
    return pin.model_copy(
        update={
            "version": found.known.version,
            "commit": found.commit,
            "tag": found.known.tag,
            "digests": digests_of(found),
        }
    )


def newest(sources: Sources, pin: Pin) -> FoundVersion:
    """The version that the pin's range means now; where only withdrawn ones are left, the one that is locked stays."""
    try:
        found = sources.named(pin)
    except NoVersionError:
        if not pin.locked:
            raise
        found = sources.locked(pin)
        if not found.known.status.withdrawn:
            raise
    return found


def digests_of(found: FoundVersion) -> LockedDigests:
    """The digests of a version that are locked."""
    digests = found.manifest.digests
    return LockedDigests(tree=digests.tree, records=digests.records, dvc=digests.dvc)


def _texts(digests: LockedDigests | None) -> Mapping[str, str]:
    return {"tree": digests.tree, "records": digests.records, "dvc": digests.dvc} if digests else {}
