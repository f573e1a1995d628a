"""`dsv sync`: the data of a project as its dsv.lock says."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.errors import ConflictError, ExistsError
from dsv.model.arrival import VersionHere
from dsv.model.executor import LOCAL, Executor
from dsv.model.pins import FILE_NAME, Pin
from dsv.repository.consuming.locking import Sources, locked_to, newest
from dsv.repository.consuming.placed import note_placed, placed_files
from dsv.repository.consuming.placing import Arrangement, arrange, carry_out, refuse_blocked, refuse_changed
from dsv.repository.obtaining.obtaining import Obtained, obtain

if TYPE_CHECKING:
    from dsv.repository.consuming.consumer import Consumer
    from dsv.repository.consuming.placed import PlacedFile

_NAMED = 3


@dataclass(frozen=True)
class Synced:
    """What lies in the places of the pins now.

    `locked` names the pins for which the lock file had to change, `written` and `deleted` count files; `fetched` are
    objects and bytes that were not here before.
    """

    datasets: Sequence[VersionHere]
    locked: Sequence[str]
    written: int
    deleted: int
    objects: int
    bytes: int

    @property
    def nothing(self) -> bool:
        """Whether all was there as it is to be."""
        return not (self.locked or self.written or self.deleted)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "datasets": [each.document() for each in self.datasets],
            "locked": list(self.locked),
            "written": self.written,
            "deleted": self.deleted,
            "fetched": {"objects": self.objects, "bytes": self.bytes},
        }


@dataclass(frozen=True)
class _Brought:
    """A pin whose files are in the cache, and what is to be done so that they lie in its place."""

    pin: Pin
    obtained: Obtained
    arrangement: Arrangement


def sync(
    consumer: Consumer, *names: str, frozen: bool = False, force: bool = False, executor: Executor = LOCAL
) -> Synced:
    """The files of the named pins, of all without a name, in their places; nothing there that is somebody's own goes.

    A pin without a version, or with one that its range does not mean, is locked first; with `frozen` that is refused.
    Nothing is written before all of it is here and can be. Errors: NoPathError without a dsv.lock or such a pin;
    ConflictError for a frozen lock that would change, and for files that are somebody's own (unless `force`);
    MismatchError where what was locked is other now; those of `obtain`.
    """
    with consumer.exclusively("sync"):
        # gather
        lock = consumer.required()
        chosen = lock.chosen(names)
        if frozen:
            refuse_change(chosen)
        sources = Sources(consumer, executor)
        before = placed_files(consumer)
        brought = [_brought(sources, pin, before=before) for pin in chosen]

        # decide
        _refuse_places(consumer, brought)
        for each in brought:
            refuse_blocked(each.arrangement.blocked, where=each.pin.place, name=each.pin.version_name)
            if not force:
                refuse_changed(each.arrangement.changed, where=each.pin.place, name=each.pin.version_name)

        # record
        if [each.pin for each in brought] != chosen:
            consumer.write(lock.with_pins(*(each.pin for each in brought)))
        after: dict[str, Mapping[str, PlacedFile]] = dict(before)
        for old, each in zip(chosen, brought, strict=True):
            if old.unlocked:
                consumer.keep_out_of_git(each.pin.place)
            after[each.pin.place] = _placed(consumer, each)
            note_placed(consumer, after)
            _tell_of_others(consumer, each)
    return Synced(
        [VersionHere(each.pin.version_name, each.pin.place, *_extent(each.obtained)) for each in brought],
        [old.name for old, new in zip(chosen, brought, strict=True) if old.version != new.pin.version],
        sum(len(each.arrangement.written) for each in brought),
        sum(len(each.arrangement.deleted) for each in brought),
        sum(each.obtained.fetched.objects for each in brought),
        sum(each.obtained.fetched.bytes for each in brought),
    )


def refuse_change(pins: Sequence[Pin]) -> None:
    """ConflictError where the lock of these pins does not say yet, or not any more, which version is meant."""
    places = [f"{pin.name}: {why}" for pin in pins if (why := pin.unlocked)]
    if places:
        raise ConflictError(
            f"{FILE_NAME} would change",
            hint="run dsv sync without --frozen, and commit it",
            details={"pins": [pin.name for pin in pins if pin.unlocked]},
            places=places,
        )


def _brought(sources: Sources, pin: Pin, *, before: Mapping[str, Mapping[str, PlacedFile]]) -> _Brought:
    """The pin, locked if it was not, with its files in the cache."""
    consumer = sources.consumer
    found = newest(sources, pin) if pin.unlocked else sources.locked(pin)
    if found.warning:
        consumer.tell(found.warning)
    pin = locked_to(pin, found) if pin.unlocked else pin
    obtained = obtain(found, pin.portion)
    place = consumer.place(pin.place)
    return _Brought(pin, obtained, arrange(place, dict(obtained.entries), before=before.get(pin.place, {})))


def _refuse_places(consumer: Consumer, brought: Sequence[_Brought]) -> None:
    """ExistsError where a file is in the place of a directory."""
    for each in brought:
        place = consumer.place(each.pin.place)
        if os.path.lexists(place) and not os.path.isdir(place):
            raise ExistsError(
                f"{each.pin.place} is no directory, and the files of {each.pin.version_name} go there",
                hint="move it away",
            )


def _placed(consumer: Consumer, each: _Brought) -> Mapping[str, PlacedFile]:
    return carry_out(
        each.arrangement,
        cache=each.obtained.cache,
        base=consumer.root,
        directory=each.pin.place,
        state=consumer.state,
        progress=consumer.progress,
    )


def _tell_of_others(consumer: Consumer, each: _Brought) -> None:
    others = each.arrangement.others
    if others:
        shown = ", ".join(ascii(path)[1:-1] for path in others[:_NAMED])
        more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
        consumer.tell(f"{each.pin.place} has files that are none of {each.pin.version_name}: {shown}{more}")


def _extent(obtained: Obtained) -> tuple[int, int]:
    return len(obtained.files), obtained.bytes
