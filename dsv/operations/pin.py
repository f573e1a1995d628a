"""`dsv pin add`, `update`, `list`, `remove`: which versions of other repositories' datasets a project uses."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.errors import ExistsError, NoVersionError, OverlapError, TrackedError, UsageError
from dsv.model.documents import plain
from dsv.model.executor import LOCAL, Executor
from dsv.model.git_address import GitAddress
from dsv.model.name import check_name
from dsv.model.pins import Lock, Pin, check_range, contradictions
from dsv.model.portion import ALL_FILES, Portion
from dsv.model.reference import Latest, Ref, parse_reference, split_mark
from dsv.model.texts import check_path
from dsv.repository.consuming.locking import Sources, locked_to, newest
from dsv.repository.consuming.movement import Movement, movement
from dsv.repository.elsewhere.visited import is_address

if TYPE_CHECKING:
    from dsv.model.version import Version
    from dsv.repository.consuming.consumer import Consumer


@dataclass(frozen=True)
class Pinned:
    """A pin as it is locked now; `ignored` says that a line of .gitignore was written for its data."""

    pin: Pin
    file: str
    ignored: bool = False

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"pin": plain(self.pin), "file": self.file, "ignored": self.ignored}


@dataclass(frozen=True)
class Pins:
    """All pins, by name."""

    pins: Sequence[Pin]
    file: str

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"pins": [plain(each) for each in self.pins], "file": self.file}


@dataclass(frozen=True)
class Update:
    """A pin whose range means a version now: another than before, or the same; `movement` is between the two.

    There is none where nothing was locked before, or nothing moves.
    """

    pin: Pin
    old: Version | None
    movement: Movement | None = None

    @property
    def moves(self) -> bool:
        """Whether another version is locked than before."""
        return self.old != self.pin.version

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        moved = self.movement or Movement(None, ())
        return {
            "name": self.pin.name,
            "range": self.pin.range,
            "old": None if self.old is None else str(self.old),
            "new": str(self.pin.version),
            "moves": self.moves,
            **moved.document(),
        }


@dataclass(frozen=True)
class Updated:
    """What became of the pins that were asked about."""

    updates: Sequence[Update]
    dry_run: bool
    file: str

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "updates": [each.document() for each in self.updates],
            "dry_run": self.dry_run,
            "file": self.file,
        }


@dataclass(frozen=True)
class Wish:
    """What is to be pinned: a repository, a reference with the text of its range, and how it is called and kept here.

    `directory` is what a relative path of a repository counts from.
    """

    repository: str
    reference: Ref
    range: str
    name: str = ""
    path: str = ""
    portion: Portion = ALL_FILES
    directory: str = "."

    @classmethod
    def parse(cls, repository: str, reference: str, **more: Any) -> Wish:
        """The wish that the texts spell; UsageError for a reference to no released version."""
        found = parse_reference(reference)
        _, mark, text = split_mark(reference)
        written = "latest" if isinstance(found.selector, Latest) else f"{'#' if mark == '#' else ''}{text}"
        try:
            check_range(written)
        except ValueError as error:
            raise UsageError(
                f"{reference} cannot be pinned: the range {error}", hint="NAME@1.x, for instance"
            ) from None
        return cls(repository, found, written, **more)


def pin_add(consumer: Consumer, wish: Wish, *, executor: Executor = LOCAL) -> Pinned:
    """The dataset pinned: the version that its range means now is locked. Its data comes with `sync`.

    What is pinned already of the same repository has another range from now on. Errors: UsageError, BadNameError;
    NoRepositoryError, NoDatasetError, NoVersionError; ExistsError, OverlapError, TrackedError for a name or a place
    that is taken; ConflictError for a version that was withdrawn.
    """
    with consumer.exclusively("pin add"):
        # gather
        lock = consumer.read()
        wanted = _wanted(consumer, lock, wish)
        found = newest(Sources(consumer, executor), wanted)

        # decide
        pin = locked_to(wanted, found)
        others = lock.without(pin.name)
        _refuse_contradictions(others.model_copy(update={"pins": (*others.pins, pin)}))
        _refuse_tracked(consumer, pin)

        # record
        ignored = consumer.keep_out_of_git(pin.place)
        consumer.write(lock.with_pins(pin))
        if found.warning:
            consumer.tell(found.warning)
    return Pinned(pin, consumer.file, ignored)


def pin_update(consumer: Consumer, *names: str, dry_run: bool = False, executor: Executor = LOCAL) -> Updated:
    """The named pins, all without a name, at what their ranges mean now; with `dry_run` that is only told.

    What is locked must still be there as it was, so that what moves can be told. Errors: NoPathError for a name that
    is not pinned, MismatchError for a locked version that changed, those of a remote.
    """
    with consumer.exclusively("pin update"):
        # gather, decide
        lock = consumer.required()
        chosen = lock.chosen(names)
        sources = Sources(consumer, executor)
        updates = [_update(sources, pin) for pin in chosen]

        # record
        if not dry_run and [each.pin for each in updates] != chosen:
            consumer.write(lock.with_pins(*(each.pin for each in updates)))
    return Updated(updates, dry_run, consumer.file)


def pin_list(consumer: Consumer) -> Pins:
    """All pins. NoPathError where there is no dsv.lock."""
    return Pins(consumer.required().chosen(()), consumer.file)


def pin_remove(consumer: Consumer, *names: str) -> Pins:
    """The named ones are not pinned any more; these are returned. Their data stays where it is."""
    with consumer.exclusively("pin remove"):
        lock = consumer.required()
        gone = lock.chosen(names)
        consumer.write(lock.without(*names))
    return Pins(gone, consumer.file)


def _update(sources: Sources, pin: Pin) -> Update:
    tell = sources.consumer.tell
    before, gone = None, ""
    if pin.locked:
        try:
            before = sources.locked(pin)
        except NoVersionError as error:
            gone = f"not compared: what was locked is not there any more ({error.message})"
    found = newest(sources, pin)
    after = locked_to(pin, found)
    if found.warning:
        tell(found.warning)
    if before is None:
        return Update(after, pin.version, Movement(None, (gone,)) if gone else None)
    moves = before.known.version != found.known.version
    return Update(after, pin.version, movement(before, found) if moves else None)


def _wanted(consumer: Consumer, lock: Lock, wish: Wish) -> Pin:
    """The pin that is wished for, not locked yet; one of the same name keeps what was not said anew."""
    name = check_name(wish.name or wish.reference.dataset, what="name")
    if wish.path:
        try:
            check_path(wish.path)
        except ValueError as error:
            raise UsageError(f"--path {wish.path!a} {error}", hint="name a directory below this one") from None
    place = _recorded(consumer, wish)
    dataset = wish.reference.dataset
    before = lock.get(name)
    if before is not None and (before.repository, before.dataset or name) != (place, dataset):
        raise ExistsError(
            f"{name} is pinned already, from {before.repository}",
            hint=f"dsv pin remove {name}, or give this one another name with --name",
        )
    portion = wish.portion
    return Pin(
        name=name,
        repository=place,
        root=wish.reference.prefix or None,
        dataset=None if dataset == name else dataset,
        range=wish.range,
        version=before.version if before else None,
        commit=before.commit if before else None,
        tag=before.tag if before else None,
        digests=before.digests if before else None,
        splits=portion.splits or (before.splits if before else None),
        files=portion.globs or (before.files if before else None),
        path=wish.path or (before.path if before else None) or f"data/{name}",
    )


def _recorded(consumer: Consumer, wish: Wish) -> str:
    """The repository as the lock has it: an address without a user, or a path, relative where it was given so."""
    if is_address(wish.repository):
        return GitAddress.parse(wish.repository).recorded
    path = os.path.realpath(os.path.join(wish.directory, wish.repository))
    if os.path.isabs(wish.repository):
        return GitAddress.parse(path).text
    relative = os.path.relpath(path, consumer.root)
    return relative if relative.startswith("..") else f"./{relative}"


def _refuse_contradictions(lock: Lock) -> None:
    """OverlapError where two pins cannot stand beside each other."""
    for (_, number, *_), message in contradictions(lock):
        pin = lock.pins[int(number)]
        raise OverlapError(f"{pin.name} cannot be pinned: its path {message}", hint="give another with --path")


def _refuse_tracked(consumer: Consumer, pin: Pin) -> None:
    """TrackedError where the place is one of DVC's; OutsideError where a link leads elsewhere."""
    place = consumer.place(pin.place)
    if os.path.lexists(f"{place}.dvc"):
        raise TrackedError(f"DVC tracks {pin.place} here already", hint="give another place with --path")
