"""What a project has locked, found where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsv.errors import ConflictError
from dsv.model.pins import FILE_NAME
from dsv.repository.consuming.locking import exact, origin_of_pin, refuse_other
from dsv.repository.obtaining.finding import FoundVersion, find_version

if TYPE_CHECKING:
    from dsv.model.pins import Pin
    from dsv.model.reference import Ref
    from dsv.repository.consuming.consumer import Consumer


def pinned_version(consumer: Consumer, reference: Ref) -> tuple[Pin, FoundVersion] | None:
    """The version that the project has locked under the reference's name; None where it pins nothing of this name.

    Nothing is asked over the network where its metadata is here. Errors: NoPathError where it pins others, and is in no
    repository that may have a dataset of this name; ConflictError where none is locked yet, or the reference means
    another; those of `find_version`.
    """
    if not consumer.pinned or reference.prefix:
        return None
    lock = consumer.read()
    pin = lock.get(reference.dataset)
    if pin is None:
        if not consumer.in_repository:
            lock.chosen([reference.dataset])
        return None
    if pin.unlocked or pin.digests is None:
        raise ConflictError(f"{FILE_NAME} is not up to date: {pin.name}: {pin.unlocked}", hint="run dsv sync")
    if not pin.is_meant_by(reference):
        raise ConflictError(
            f"{FILE_NAME} has {pin.version_name}, and {reference} asks for another",
            hint=f"load {pin.name} for what is locked, dsv pin update moves it; or say which repository is meant",
        )
    found = find_version(origin_of_pin(consumer, pin), exact(pin), tree=pin.digests.tree)
    refuse_other(pin, found)
    return pin, found
