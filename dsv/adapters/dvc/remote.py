"""A DVC remote: objects brought from it and sent to it, each held against its name, and asked for one by one."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dsv.adapters.dvc.disk import disk_error
from dsv.adapters.dvc.opening import opened
from dsv.adapters.dvc.patience import Movement, StandstillError, patiently
from dsv.adapters.dvc.remote_errors import Doing, address_of, full_error, told_error
from dsv.adapters.dvc.remote_settings import chosen_remote
from dsv.adapters.dvc.staging import staged
from dsv.errors import DeadlineError, DiskError, DsvError, NetworkError, RemoteError, UnsupportedError
from dsv.model.progress import Advance, unadvanced

if TYPE_CHECKING:
    from dsv.adapters.dvc.cache import Cache
    from dsv.adapters.dvc.remote_files import RemoteFiles
    from dsv.adapters.dvc.stored import ObjectStore
    from dsv.records.hashing import Seen

_ANSWER_SECONDS = 15.0
_STANDSTILL_SECONDS = 60.0
# For S3, where the settings say nothing: botocore waits a minute each time and tries five times.
_S3_TIMEOUTS = {"connect_timeout": 10, "read_timeout": 30}
_S3_ATTEMPTS = ("AWS_MAX_ATTEMPTS", "2")
# DVC takes any host for the one that was meant, and lends it the keys of the person's agent.
_SSH_AS_SSH_ITSELF = {"known_hosts": (), "agent_forwarding": False}
EMPTY = hashlib.md5(b"", usedforsecurity=False).hexdigest()
"""The name of the object without bytes."""


@dataclass(frozen=True)
class Damaged:
    """An object that came with other bytes than it should: the digest expected and the one found."""

    oid: str
    expected: str
    actual: str


@dataclass(frozen=True)
class Arrival:
    """What came: objects and bytes; what the remote does not have, and what came and was not let in."""

    objects: int
    bytes: int
    missing: tuple[str, ...]
    damaged: tuple[Damaged, ...]


@dataclass(frozen=True)
class Sent:
    """What went: objects and bytes; what was left here because its bytes are not those of its name."""

    objects: int
    bytes: int
    damaged: tuple[str, ...]


@dataclass(frozen=True)
class Remote:
    """A remote of the DVC repository that the cache belongs to, open."""

    name: str
    cache: Cache
    _repo: Any
    _store: Any

    @property
    def address(self) -> str:
        """Where it lies, as it may be shown."""
        return address_of(self._settings)

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory of this machine, or of one whose disk is mounted here."""
        return bool(self._store.fs.protocol == "local")

    def reach(self) -> None:
        """Nothing, when the remote answers; in seconds.

        Errors: NetworkError when it does not, CredentialsError, RemoteError where there is no such bucket.
        """
        try:
            with self._told():
                patiently(self._look, Movement(_ANSWER_SECONDS))
        except DeadlineError:
            raise NetworkError(
                f"the remote {self.name} ({self.address}) does not answer: {_ANSWER_SECONDS:.0f} seconds went by",
                hint="check its address, which dsv remote list shows, and your network",
                details={"remote": self.name, "url": self.address},
            ) from None

    def require_room(self, size: int) -> None:
        """Nothing, when so many bytes may be written there, as far as that can be known without writing.

        DiskError for a directory that is not ours to write to, or whose disk has no room for them.
        """
        if self._store.fs.protocol != "local":
            return
        place = str(self._settings["url"])
        place = place if os.path.isdir(place) else os.path.dirname(place)
        with self._told(Doing.WRITING):
            if os.statvfs(place).f_flag & os.ST_RDONLY:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), place)
            if not os.access(place, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), place)
            disk = os.statvfs(place)
        free = disk.f_bavail * disk.f_frsize
        if disk.f_blocks and free < size:
            raise full_error(self._settings, name=self.name, needed=size, free=free)

    def writes(self) -> str:
        """Why nothing can be written there; empty when it can be: the object without bytes, which harms nobody."""
        local = self._store.fs.protocol == "local"
        try:
            self.require_room(0)
            if local and os.path.isfile(self._store.oid_to_path(EMPTY)):
                return ""
            with self._told(Doing.WRITING):
                patiently(lambda: self._store.add_bytes(EMPTY, b""), Movement(_ANSWER_SECONDS))
        except DsvError as error:
            return error.message
        if local:
            self._store.protect(self._store.oid_to_path(EMPTY))
        return ""

    def bring(
        self, oids: Iterable[str], *, arrived: Advance = unadvanced, sha256: Mapping[str, str] = MappingProxyType({})
    ) -> Arrival:
        """The objects that the cache lacks brought into it; `arrived` is told of their bytes, and of each that is in.

        Each is held against its name and, where `sha256` has it, against that digest before the cache has it: what is
        damaged never gets there. Errors: those of a remote that fails, DeadlineError when nothing moves any more.
        """
        from dsv.adapters.dvc.receiving import Absent, Landing, Unreadable, receive

        wanted = self.cache.missing(oids)
        objects, size, missing, damaged = 0, 0, list[str](), list[Damaged]()
        if not wanted:
            return Arrival(0, 0, (), ())
        with self._told(), staged(self.cache) as place, closing(Landing(self.cache, place.directory)) as landing:
            for event in receive(
                self._store, wanted, directory=place.directory, movement=Movement(_STANDSTILL_SECONDS)
            ):
                if isinstance(event, int):
                    arrived(event)
                elif isinstance(event, Absent):
                    missing.append(event.oid)
                elif isinstance(event, Unreadable):
                    name = event.oid.removesuffix(".dir")
                    damaged.append(Damaged(event.oid, f"md5:{name}", f"unreadable: {event.reason}"))
                elif (wrong := event.difference(sha256.get(event.oid))) is not None:
                    os.unlink(event.path)
                    damaged.append(Damaged(event.oid, *wrong))
                else:
                    landing.take(event)
                    objects, size = objects + 1, size + event.size
                    arrived(0, 1)
        order = {oid: number for number, oid in enumerate(wanted)}
        damaged.sort(key=lambda each: order[each.oid])
        return Arrival(objects, size, tuple(sorted(missing, key=order.__getitem__)), tuple(damaged))

    def lacking(self, oids: Iterable[str]) -> list[str]:
        """Those of the objects that the remote does not hold, in the order given; each is asked for by its name.

        That a directory's object is there does not tell that its files' are.
        """
        wanted = list(dict.fromkeys(oids))
        if not wanted:
            return []
        with self._told():
            # DVC's own question would delete what it finds damaged in a directory.
            if self._store.fs.protocol == "local":
                return [oid for oid in wanted if not self._holds_file(oid)]
            from dsv.adapters.dvc.held import held

            movement = Movement(_STANDSTILL_SECONDS)

            def md5_there(oid: str) -> str | None:
                ((_, seen),) = self.inspect([oid], size_of=lambda _: 0, read=lambda *_: movement.tick())
                return seen.digests.md5 if seen.digests else None

            there = patiently(
                lambda: held(self._store, wanted, size_here=self._size_here, md5_there=md5_there, movement=movement),
                movement,
            )
        return [oid for oid in wanted if oid not in there]

    def send(self, oids: Sequence[str], *, sent: Advance) -> Sent:
        """The cache's objects on the remote; `sent` is told of their bytes, and of each when it is there.

        What is there already is written again. An object whose bytes are not those of its name is left out.
        Errors: those of a remote that fails or can only be read, DeadlineError when nothing moves any more.
        """
        from dsv.adapters.dvc.sending import Outcome, send

        if oids:
            self._refuse_web()
        objects, size, damaged = 0, 0, []
        with self._told(Doing.WRITING):
            for event in send(self._store, self.cache, oids, movement=Movement(_STANDSTILL_SECONDS)):
                if not isinstance(event, Outcome):
                    sent(event)
                elif event.size is None:
                    damaged.append(event.oid)
                else:
                    objects, size = objects + 1, size + event.size
                    sent(0, 1)
        return Sent(objects, size, tuple(damaged))

    def inspect(
        self, oids: Sequence[str], *, size_of: Callable[[str], int], read: Advance = unadvanced
    ) -> Iterator[tuple[str, Seen]]:
        """What the remote holds of each object, as they come: every byte is read, and none is kept.

        `size_of` is what to expect of each, in bytes; `read` is told of bytes. Errors: those of a remote that fails,
        DeadlineError when nothing moves any more.
        """
        from dsv.adapters.dvc.inspecting import Inspected, inspect

        movement = Movement(_STANDSTILL_SECONDS)
        with self._told():
            for event in inspect(self.files(), oids, is_local=self.is_directory, size_of=size_of, movement=movement):
                if isinstance(event, Inspected):
                    yield event.oid, event.seen
                else:
                    read(event)

    def files(self) -> RemoteFiles:
        """Its objects as files that can be read where they lie, by any process."""
        from dsv.adapters.dvc.remote_files import RemoteFiles

        with self._told():
            return RemoteFiles.of(self._store, dict(self._settings), name=self.name)

    def store(self) -> ObjectStore:
        """All of its objects, and its trash; UnsupportedError where it can only be read."""
        from dsv.adapters.dvc.stored import DirectoryStore
        from dsv.adapters.dvc.stored_remotely import RemoteStore, refuse_reading_only

        files = self._store.fs
        refuse_reading_only(files.protocol, name=self.name)
        directory = str(self._store.path).removesuffix("/files/md5")
        if files.protocol == "local":
            return DirectoryStore(directory, shown=self.address)
        return RemoteStore(directory, self.address, files.fs, files.protocol, self._told)

    def forget(self) -> None:
        """DVC believes no more that what it saw on the remote is there: it notes that, and would not send it again.

        DiskError where the notes cannot be written.
        """
        with self._told():
            from dvc_data.hashfile.cache import Timeout
            from dvc_data.hashfile.db import get_index
            from dvc_data.hashfile.db.index import ObjectDBIndex

            index = get_index(self._store)
            if not isinstance(index, ObjectDBIndex):  # DVC keeps none of this remote
                return
            try:
                # Not its own clear(), which tries again for ever where the disk is full.
                index.index.cache.clear(retry=False)
            except Timeout as error:
                raise DiskError(
                    f"DVC's notes on the remote {self.name} cannot be written: {index.index_dir}",
                    hint="is the disk full?",
                ) from error

    @property
    def _settings(self) -> Mapping[str, Any]:
        settings: Mapping[str, Any] = self._repo.config["remote"][self.name]
        return settings

    def _told(self, doing: Doing = Doing.READING) -> Any:
        return _told(self.cache, self._repo, self.name, doing)

    def _refuse_web(self) -> None:
        """RemoteError for a web server that takes nothing, as most do."""
        if self._store.fs.protocol in ("http", "https") and (refusal := self.writes()):
            raise RemoteError(
                f"the remote {self.name} ({self.address}) can be read, not written: {refusal}",
                hint="push to a remote that takes data: dsv remote list shows them, dsv push --remote NAME",
                details={"remote": self.name, "url": self.address},
            )

    def _look(self) -> None:
        """One small question that fails where the remote is not there or refuses us."""
        files, path = self._store.fs, self._store.path
        if files.protocol == "s3":
            bucket, below, _ = files.fs.split_path(path)
            files.fs.call_s3("list_objects_v2", Bucket=bucket, Prefix=below, MaxKeys=1)
        elif files.protocol == "local":
            top = str(self._settings["url"])
            if not os.path.isdir(top) and (os.path.lexists(top) or not os.path.isdir(os.path.dirname(top))):
                raise NotADirectoryError(errno.ENOTDIR, "no directory", top)
        else:
            files.exists(path)

    def _holds_file(self, oid: str) -> bool:
        """Whether a directory holds the object, and as long as it is here if it is here."""
        try:
            size = os.path.getsize(self._store.oid_to_path(oid))
        except FileNotFoundError:
            return False
        return self._size_here(oid) in (None, size)

    def _size_here(self, oid: str) -> int | None:
        with suppress(FileNotFoundError):
            return os.path.getsize(self.cache.path_of(oid))
        return None


@contextmanager
def remote(cache: Cache, name: str = "") -> Iterator[Remote]:
    """The named remote of DVC's settings, the default one without a name; NoRemoteError where there is none."""
    with _few_attempts(), opened(cache.root, config={"cache": {"dir": cache.directory}}) as repo:
        chosen, remotes = chosen_remote(repo.config, name), repo.config["remote"]
        if str(remotes[chosen].get("url", "")).startswith("s3://"):
            for setting, seconds in _S3_TIMEOUTS.items():
                remotes[chosen].setdefault(setting, seconds)
        with _told(cache, repo, chosen):
            found = repo.cloud.get_remote(chosen)
        if found.worktree or found.fs.version_aware:
            raise UnsupportedError(
                f"the remote {chosen} is version aware: it keeps files, not objects",
                hint=f"dvc remote modify {chosen} version_aware false, and push again",
            )
        if found.fs.protocol == "ssh":
            found.fs.fs_args.update(_SSH_AS_SSH_ITSELF)
        yield Remote(chosen, cache, repo, found.odb)


@contextmanager
def _few_attempts() -> Iterator[None]:
    """A dead endpoint of S3 is told in seconds, unless the environment says how patient to be."""
    variable, number = _S3_ATTEMPTS
    if variable in os.environ:
        yield
        return
    os.environ[variable] = number
    try:
        yield
    finally:
        os.environ.pop(variable, None)


@contextmanager
def _told(cache: Cache, repo: Any, name: str, doing: Doing = Doing.READING) -> Iterator[None]:
    """Whatever the remote's library raises as one of dsv's errors, without anything secret in its text."""
    try:
        yield
    except DsvError:
        raise
    except StandstillError:
        address = address_of(repo.config["remote"].get(name, {}))
        raise DeadlineError(
            f"the remote {name} ({address}) stands still: nothing moved for {_STANDSTILL_SECONDS:.0f} seconds",
            hint="run it again when it answers; what has arrived stays",
            details={"remote": name, "url": address},
        ) from None
    except Exception as error:  # noqa: BLE001  # each kind of storage has errors of its own
        # Not chained: a traceback would show what is left out here.
        if isinstance(error, OSError) and str(error.filename).startswith(cache.directory):
            raise disk_error(error, doing=f"writing to the cache {cache.directory}") from None
        raise told_error(error, repo.config["remote"].get(name, {}), name=name, doing=doing) from None
