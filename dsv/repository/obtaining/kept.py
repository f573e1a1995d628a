"""What the user's cache has of versions: their objects, and a note of each version that says which they are.

A version is in use as long as a process holds a shared lock on the file beside its note. Whoever is about to use one
says so under the gate, which whoever clears the cache closes for that time: so what is chosen to go is used by nobody.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import BadManifestError, DiskError, MismatchError
from dsv.model.manifest import dump_manifest
from dsv.repository import files
from dsv.repository.known.released_text import as_released
from dsv.repository.user_cache import make_user_cache, user_cache

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest

_NOTE = ".json"
_LOCK = ".lock"


def short_digest(tree: str) -> str:
    """As much of the digest of a version as is needed in names of what is made of it."""
    return tree.removeprefix("sha256:")[:16]


@dataclass(frozen=True)
class KeptVersion:
    """A version that was obtained once, by whom it was given and what it is; its files may be here or not."""

    address: str
    dataset: str
    version: str
    tree: str
    data: str
    index: str
    manifest: str

    @classmethod
    def of(cls, manifest: Manifest, *, address: str) -> KeptVersion:
        """The version of this manifest, from the address."""
        digests = manifest.digests
        data, index = digests.dvc.removeprefix("md5:"), digests.index.removeprefix("md5:")
        text = dump_manifest(manifest).decode()
        return cls(address, manifest.dataset, str(manifest.version), digests.tree, data, index, text)

    @property
    def name(self) -> str:
        """`NAME@X.Y.Z`."""
        return f"{self.dataset}@{self.version}"

    @property
    def key(self) -> str:
        """What its files here are called: its digest first, so that it is found by that."""
        named = f"{self.address}\n{self.name}\n{self.manifest}"
        return f"{self.tree.removeprefix('sha256:')}-{hashlib.sha256(named.encode()).hexdigest()[:12]}"

    def read_manifest(self) -> Manifest | None:
        """Its manifest; None where the note was damaged."""
        with suppress(BadManifestError, MismatchError):
            manifest = as_released(self.manifest.encode(), file=self.key, name=self.name)
            return manifest if manifest.digests.tree == self.tree else None
        return None


class Hold:
    """A version is in use by this process, and by those that it forks, as long as this exists."""

    def __init__(self, descriptor: int) -> None:
        self._close = weakref.finalize(self, os.close, descriptor)

    def release(self) -> None:
        """It is not in use any more."""
        self._close()


@dataclass(frozen=True)
class UserCache:
    """The user's cache directory, as far as versions are in it."""

    directory: str

    @classmethod
    def of_user(cls) -> UserCache:
        """The one of whoever runs this."""
        return cls(user_cache())

    @property
    def objects(self) -> dvc.Cache:
        """Where the bytes are, by their digests, as in any cache of DVC's."""
        return dvc.Cache(self.directory, os.path.join(self.directory, "objects", "files", "md5"))

    @property
    def notes(self) -> str:
        """The directory of notes of versions, and of their locks."""
        return os.path.join(self.directory, "versions")

    @property
    def clones(self) -> str:
        """The directory of the metadata of other repositories (`Visited`)."""
        return os.path.join(self.directory, "repositories")

    @property
    def views(self) -> str:
        """The directory of directories in which versions have their files under their names."""
        return os.path.join(self.directory, "views")

    @property
    def seen(self) -> str:
        """The directory of notes of files that were hashed."""
        return os.path.join(self.directory, "seen")

    def kept(self, *, tree: str = "") -> list[KeptVersion]:
        """The versions that there are notes of; with `tree` those whose digest begins with these digits."""
        with suppress(FileNotFoundError):
            names = sorted(name for name in os.listdir(self.notes) if name.endswith(_NOTE) and name.startswith(tree))
            return [found for name in names if (found := self._note(name)) is not None]
        return []

    def hold(self, version: KeptVersion) -> Hold:
        """The version is noted, used just now, and in use until what is returned ends. DiskError."""
        note, lock = self._paths(version)
        with self.gate(fcntl.LOCK_SH), self._disk_errors():
            if self._note(os.path.basename(note)) is None:
                files.write_bytes(note, json.dumps(asdict(version), indent=1).encode())
            os.utime(note)
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH)
            except BaseException:
                os.close(descriptor)
                raise
        return Hold(descriptor)

    def used_ns(self, version: KeptVersion) -> int:
        """When its use began last, in nanoseconds."""
        with suppress(FileNotFoundError):
            return os.stat(self._paths(version)[0]).st_mtime_ns
        return 0

    def in_use(self, version: KeptVersion) -> bool:
        """Whether a process is using it; none can begin to as long as the gate is held exclusively."""
        try:
            descriptor = os.open(self._paths(version)[1], os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError:  # somebody else's, in a cache that several share
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

    def forget(self, version: KeptVersion) -> None:
        """There is no note of it any more; the gate is held exclusively, and nobody uses it."""
        for path in self._paths(version):
            files.remove(path)

    @contextmanager
    def gate(self, kind: int) -> Iterator[None]:
        """Hold the gate: shared to begin using a version, exclusive to take versions away."""
        make_user_cache()
        with self._disk_errors():
            os.makedirs(self.notes, exist_ok=True)
            descriptor = os.open(os.path.join(self.directory, "gate"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            with self._disk_errors():
                fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)

    def _paths(self, version: KeptVersion) -> tuple[str, str]:
        stem = os.path.join(self.notes, version.key)
        return f"{stem}{_NOTE}", f"{stem}{_LOCK}"

    def _note(self, name: str) -> KeptVersion | None:
        """What the note says; None for one that is no such note any more."""
        content = files.read_bytes(os.path.join(self.notes, name))
        with suppress(ValueError, TypeError):
            found = KeptVersion(**json.loads(content or b""))
            return found if f"{found.key}{_NOTE}" == name else None
        return None

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DiskError(
                f"the cache {self.directory} cannot be used: {error.strerror}",
                hint="DSV_CACHE names another directory for it",
            ) from error
