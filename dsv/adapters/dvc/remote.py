"""Objects brought from a DVC remote into the cache, each held against its name when it has arrived."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.adapters.dvc.disk import disk_error
from dsv.adapters.dvc.runtime import opened
from dsv.errors import CredentialsError, DsvError, NetworkError, NoRemoteError, RemoteError, UnsupportedError

if TYPE_CHECKING:
    from dsv.adapters.dvc.cache import Cache
    from dsv.adapters.dvc.remote_files import RemoteFiles

_BATCH = 64
_BLOCK = 1 << 20
_LONGEST = 300
# Patterns that only a failure needs are compiled then, not whenever a command starts.
_CONFIDENTIAL = r"(?i)secret|password|token|credential|access_key|account_key|sas|connection_string|key_id"
_USER_OF_URL = r"(?<=://)[^/\s@]+@"
_QUERY_OF_URL = r"(?<=\S)\?[^\s'\"]+=[^\s'\"]+"
# Libraries for each kind of storage have errors of their own; none of them is imported to ask.
_REFUSED = (
    r"(?i)credential|autherror|accessdenied|access denied|forbidden|unauthorized|invalidaccesskey|signature|\b40[13]\b"
)
_UNREACHED = (
    r"(?i)endpointconnection|connecttimeout|readtimeout|clientconnector|connectionerror|timeouterror|gaierror"
    r"|could not connect|name or service not known|name resolution|unreachable|connection (?:refused|reset|aborted)"
)


@dataclass(frozen=True)
class Arrival:
    """What came: objects and bytes; what the remote does not have, and what had other bytes than its name says."""

    objects: int
    bytes: int
    missing: tuple[str, ...]
    damaged: tuple[str, ...]


@dataclass(frozen=True)
class Remote:
    """A remote of the DVC repository that the cache belongs to, open."""

    name: str
    cache: Cache
    _repo: Any
    _store: Any

    def bring(self, oids: Iterable[str], *, arrived: Callable[[int], None]) -> Arrival:
        """The objects that the cache lacks brought into it; `arrived` is told of their bytes.

        A damaged one is removed again. RemoteError, CredentialsError or NetworkError when the remote does not answer.
        """
        wanted = self.cache.missing(oids)
        objects, size = 0, 0
        missing, damaged = list[str](), list[str]()
        for start in range(0, len(wanted), _BATCH):
            for oid, came in self._brought(wanted[start : start + _BATCH]):
                if came is None:
                    missing.append(oid)
                elif _md5_of(self.cache.path_of(oid)) != oid.removesuffix(".dir"):
                    os.unlink(self.cache.path_of(oid))
                    damaged.append(oid)
                else:
                    objects, size = objects + 1, size + came
                    arrived(came)
        return Arrival(objects, size, tuple(missing), tuple(damaged))

    def files(self) -> RemoteFiles:
        """Its objects as files that can be read where they lie, by any process."""
        from dsv.adapters.dvc.remote_files import RemoteFiles

        with _told(self.cache, self._repo, self.name):
            return RemoteFiles.of(self._store, dict(self._repo.config["remote"][self.name]), name=self.name)

    def _brought(self, oids: list[str]) -> Iterator[tuple[str, int | None]]:
        """The oids with the sizes of their objects in the cache, None for those that the remote does not have."""
        failed: dict[str, BaseException] = {}
        with _told(self.cache, self._repo, self.name):
            self._repo.cache.local.add(
                [self._store.oid_to_path(oid) for oid in oids],
                self._store.fs,
                oids,
                hardlink=False,
                check_exists=False,
                verify=False,
                on_error=failed.__setitem__,
            )
            for error in failed.values():
                if not isinstance(error, FileNotFoundError):
                    raise error
        for oid in oids:
            size = None
            if oid not in failed:
                with suppress(FileNotFoundError):
                    size = os.path.getsize(self.cache.path_of(oid))
            yield oid, size


@contextmanager
def remote(cache: Cache, name: str = "") -> Iterator[Remote]:
    """The named remote of DVC's settings, the default one without a name; NoRemoteError where there is none."""
    with opened(cache.root, config={"cache": {"dir": cache.directory}}) as repo:
        chosen = name or repo.config["core"].get("remote")
        if not chosen or chosen not in repo.config["remote"]:
            said = f"there is no remote {chosen!a}" if chosen else "no remote is set up"
            raise NoRemoteError(
                said, hint="dvc remote add -d NAME URL", details={"remotes": sorted(repo.config["remote"])}
            )
        with _told(cache, repo, chosen):
            found = repo.cloud.get_remote(chosen)
        if found.worktree or found.fs.version_aware:
            raise UnsupportedError(
                f"the remote {chosen} is version aware: it keeps files, not objects",
                hint=f"dvc remote modify {chosen} version_aware false, and push again",
            )
        yield Remote(chosen, cache, repo, found.odb)


@contextmanager
def _told(cache: Cache, repo: Any, name: str) -> Iterator[None]:
    """Whatever the remote's library raises as one of dsv's errors, without anything secret in its text."""
    try:
        yield
    except DsvError:
        raise
    except Exception as error:  # noqa: BLE001  # each kind of storage has errors of its own
        # Not chained: a traceback would show what is left out here.
        if isinstance(error, OSError) and str(error.filename).startswith(cache.directory):
            raise disk_error(error, doing=f"writing to the cache {cache.directory}") from None
        raise told_error(error, repo.config["remote"].get(name, {}), name=name) from None


def told_error(error: BaseException, config: Any, *, name: str) -> DsvError:
    """What a library of storage raised as one of dsv's errors, without what the settings keep secret."""
    said = "; ".join(dict.fromkeys(_words_of(error)))
    reason = _without_secrets(said, config)[:_LONGEST]
    local = "://" not in str(config.get("url", ""))
    if re.search(_UNREACHED, said):
        return NetworkError(f"the remote {name} cannot be reached: {reason}", hint="check its address and your network")
    if not local and (isinstance(error, PermissionError) or re.search(_REFUSED, said)):
        hint = f"look at its credentials: dvc remote modify --local {name} ..."
        return CredentialsError(f"the remote {name} refuses who we are: {reason}", hint=hint)
    return RemoteError(f"the remote {name} failed: {reason}", hint="dvc fetch -v shows what DVC says itself")


def _words_of(error: BaseException) -> Iterator[str]:
    """The kind and the words of an error and of those that led to it."""
    cause: BaseException | None = error
    while cause is not None:
        words = " ".join(str(cause).split())
        yield f"{type(cause).__name__}: {words}" if words else type(cause).__name__
        cause = cause.__cause__ or cause.__context__


def _without_secrets(text: str, config: Any) -> str:
    secrets = {str(value) for key, value in config.items() if re.search(_CONFIDENTIAL, key) and value}
    for variable, value in os.environ.items():
        if re.search(_CONFIDENTIAL, variable) and len(value) >= 8:  # noqa: PLR2004  # shorter ones are words like "true"
            secrets.add(value)
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return re.sub(_QUERY_OF_URL, "?***", re.sub(_USER_OF_URL, "***@", text))


def _md5_of(path: str) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
