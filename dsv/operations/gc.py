"""`dsv gc`: objects that nothing needs any more go to the trash and, when they have been there for long, for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any, Protocol

from dsv.adapters import dvc
from dsv.errors import ConflictError, DsvError
from dsv.model.progress import summed
from dsv.repository import Repository, exclusively
from dsv.repository.kept_objects import Kept, Lost, Surroundings, kept_objects

TRASH_DAYS = 14
"""For how long an object stays in the trash at least."""
CACHE_DAYS = 1.0
REMOTE_DAYS = 14.0
"""For how long an object that nothing seems to need is left alone after it came to a cache, or to a remote."""
_LISTS_READ = 1000


class Action(Enum):
    """What is done."""

    SHOW = "show"
    APPLY = "apply"
    RESTORE = "restore"
    """Everything in the trash goes back to its place."""
    EMPTY = "empty"
    """Everything in the trash is deleted, however long it has been there, but for what is needed."""


class Owner(Enum):
    """Who keeps objects in the place."""

    UNKNOWN = "unknown"
    ALONE = "alone"
    """This git repository, with its clones, and nobody else."""


@dataclass(frozen=True)
class Collecting:
    """What `dsv gc` is told: `remote` is where, "" the cache; `older_than` are days, None those usual in the place."""

    action: Action = Action.SHOW
    remote: str = ""
    owner: Owner = Owner.UNKNOWN
    older_than: float | None = None
    lost: Lost = Lost.REFUSED


USUAL = Collecting()


class _Sized(Protocol):
    @property
    def size(self) -> int:
        """Bytes."""


@dataclass(frozen=True)
class Amount:
    """A number of objects, and their bytes."""

    objects: int
    bytes: int

    @classmethod
    def of(cls, objects: Sequence[_Sized]) -> Amount:
        """That of the objects."""
        return cls(len(objects), sum(each.size for each in objects))

    def document(self) -> dict[str, int]:
        """As `--json` prints it."""
        return {"objects": self.objects, "bytes": self.bytes}


@dataclass(frozen=True)
class Plan:
    """What becomes of every object of a place: of those in it, and of those in its trash."""

    thrown: Sequence[dvc.StoredObject] = ()
    recent: Sequence[dvc.StoredObject] = ()
    kept: Sequence[dvc.StoredObject] = ()
    brought_back: Sequence[dvc.TrashedObject] = ()
    deleted: Sequence[dvc.TrashedObject] = ()
    waiting: Sequence[dvc.TrashedObject] = ()


@dataclass(frozen=True)
class Collected:
    """What was done with a place, or would be. `paths` are names that unneeded files had, as far as they are known."""

    action: Action
    remote: str | None
    place: str
    trash: str
    plan: Plan
    needed: Kept | None
    paths: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        plan = self.plan
        return {
            "dry_run": self.action is Action.SHOW,
            "remote": self.remote,
            "place": self.place,
            **Amount.of(plan.thrown).document(),
            "kept": Amount.of(plan.kept).document(),
            "recent": Amount.of(plan.recent).document(),
            "restored": Amount.of(plan.brought_back).document(),
            "deleted": Amount.of(plan.deleted).document(),
            "trash": {"path": self.trash, **Amount.of(plan.waiting).document()},
            "needed_by": {
                "manifests": self.needed.manifests if self.needed else 0,
                "pointers": self.needed.pointers if self.needed else 0,
            },
            "unneeded": [
                {"object": each.oid, "bytes": each.size, "path": self.paths.get(each.oid)} for each in self.largest
            ],
        }

    @property
    def largest(self) -> list[dvc.StoredObject]:
        """What goes, the largest first."""
        return sorted(self.plan.thrown, key=lambda each: (-each.size, each.oid))


def gc(repository: Repository, collecting: Collecting = USUAL) -> Collected:
    """What nothing needs in DVC's cache, or on a remote, and what is done about it: by default nothing.

    Everything that git keeps, in whatever branch, tag, stash, reflog or work tree, is needed, and so is what came a
    short time ago. Errors: IncompleteError, InProgressError, BadManifestError, MissingDataError, MismatchError and
    those of remotes where what is needed cannot be known for certain; ConflictError where others may keep objects
    there; LockedError while DVC is at work.
    """
    with ExitStack() as stack:
        stack.enter_context(exclusively(repository, "gc"))
        # gather
        surroundings = Surroundings.of(repository)
        if collecting.action is not Action.SHOW:
            stack.enter_context(dvc.at_rest(surroundings.dvc_roots))
        place = stack.enter_context(_place(repository, surroundings, collecting))
        _refuse_shared(repository, place, collecting)
        own = dvc.DirectoryStore(dvc.find_cache(repository.layout.root).directory)
        needed = kept_objects(
            surroundings, lost=collecting.lost, stores=[own, *([place.store] if collecting.remote else [])]
        )
        # decide
        plan = decide(place.store.objects(), place.store.trashed(), needed.objects, collecting, usual=place.days)
        paths = _paths(repository, plan.thrown)
        # record
        if collecting.action is not Action.SHOW:
            _record(repository, place, plan)
    remote = collecting.remote or None
    return Collected(collecting.action, remote, place.store.place, place.store.trash, plan, needed, paths)


def restore_trash(repository: Repository, *, remote: str = "") -> Collected:
    """Everything that lies in the trash of the cache, or of a remote, is in its place again."""
    with exclusively(repository, "gc"), _place(repository, None, Collecting(remote=remote)) as place:
        store = place.store
        plan = Plan(brought_back=store.trashed())
        _record(repository, place, plan)
    return Collected(Action.RESTORE, remote or None, store.place, store.trash, plan, None)


def decide(
    objects: Sequence[dvc.StoredObject],
    trashed: Sequence[dvc.TrashedObject],
    needed: frozenset[str],
    collecting: Collecting,
    *,
    usual: float,
) -> Plan:
    """What becomes of each object, now."""
    days = usual if collecting.older_than is None else collecting.older_than
    now = datetime.now(timezone.utc)
    before = (now - timedelta(days=days)).timestamp()
    deleted_before = (now - timedelta(days=TRASH_DAYS)).date().isoformat()
    there = {each.oid for each in objects}
    unneeded = [each for each in objects if each.oid not in needed]
    back = {each.oid: each for each in trashed if each.oid in needed and each.oid not in there}
    left = [each for each in trashed if each is not back.get(each.oid)]
    if collecting.action is Action.EMPTY:
        gone, thrown = left, []
    else:
        gone = [each for each in left if each.day <= deleted_before]
        thrown = [each for each in unneeded if each.arrived <= before]
    return Plan(
        thrown=thrown,
        recent=[each for each in unneeded if each.arrived > before],
        kept=[each for each in objects if each.oid in needed],
        brought_back=list(back.values()),
        deleted=gone,
        waiting=[each for each in left if each not in set(gone)],
    )


@dataclass(frozen=True)
class _Place:
    """Where is collected; for how many days what came there is left alone; who else may keep objects there, or ""."""

    store: dvc.ObjectStore
    days: float
    shared: str
    forget: Callable[[], None]


@contextmanager
def _place(repository: Repository, surroundings: Surroundings | None, collecting: Collecting) -> Iterator[_Place]:
    cache = dvc.find_cache(repository.layout.root)
    if not collecting.remote:
        own = surroundings is None or surroundings.owns(cache.directory)
        shared = "" if own else f"other repositories may use the cache {cache.directory} too"
        yield _Place(dvc.DirectoryStore(cache.directory), CACHE_DAYS, shared, forget=_nothing)
        return
    with dvc.remote(cache, collecting.remote) as remote:
        store = remote.store()
        remote.reach()
        shared = f"other repositories may keep objects on the remote {remote.name} too"
        yield _Place(store, REMOTE_DAYS, shared, forget=remote.forget)


def _refuse_shared(repository: Repository, place: _Place, collecting: Collecting) -> None:
    """ConflictError where others may keep objects in the place and nobody said that they do not; or it is told."""
    if not place.shared or collecting.owner is Owner.ALONE:
        return
    if collecting.action is Action.SHOW:
        repository.tell(f"{place.shared}, and what they need is not known here: --apply asks for --sole-owner")
        return
    raise ConflictError(
        f"{place.shared}, and what they need is not known here",
        hint="where no other project uses it, --sole-owner says so",
    )


def _nothing() -> None:
    """DVC notes nothing about its cache that would be wrong now."""


def _record(repository: Repository, place: _Place, plan: Plan) -> None:
    """First what is needed comes back; what is deleted goes before more comes into the trash."""
    store = place.store
    total = sum(Amount.of(each).bytes for each in (plan.brought_back, plan.deleted, plan.thrown))
    advance = summed(repository.progress, "collecting", total=total)
    # The list of a directory stands for its files to DVC: it comes after them, and goes before them.
    store.bring_back(sorted(plan.brought_back, key=lambda each: each.oid.endswith(".dir")), done=advance)
    store.delete(plan.deleted, done=advance)
    if plan.thrown:
        place.forget()
    store.throw_away(sorted(plan.thrown, key=lambda each: not each.oid.endswith(".dir")), done=advance)


def _paths(repository: Repository, thrown: Sequence[dvc.StoredObject]) -> dict[str, str]:
    """The names that files had in directories which nothing needs, as far as the cache has their lists."""
    cache = dvc.find_cache(repository.layout.root)
    found: dict[str, str] = {}
    for each in [each for each in thrown if each.oid.endswith(".dir")][:_LISTS_READ]:
        try:
            entries = dvc.read_directory_object(cache, each.oid)
        except DsvError:
            continue
        found.update({md5: path for path, md5 in entries})
    return found
