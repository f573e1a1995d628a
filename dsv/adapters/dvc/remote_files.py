"""Objects of a DVC remote read where they lie, in ranges, by this process or by one that these values travel to."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from dsv.adapters.dvc.directory import refuse_large
from dsv.adapters.dvc.remote_errors import told_error
from dsv.errors import DsvError, MissingDataError

_BLOCK = 8 << 20
_BEHIND = 256 << 10
"""Bytes fetched at once of a part, and behind its end, where only the rest of a line is wanted."""
_AT_ONCE = 32

_T = TypeVar("_T")


@dataclass(frozen=True, repr=False)
class RemoteFiles:
    """The files of a remote, as a `dsv.records.byte_source.Store`; `prefix` begins the names of all of them.

    What opens the remote is sealed, because keys may be in it: the settings of DVC, and the file system made of them.
    Where these name no keys, whoever reads finds its own, in its environment or as its machine's role.
    """

    name: str
    prefix: str
    _sealed: bytes
    _fetched: Mapping[str, Future[bytes]] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Any, config: dict[str, Any], *, name: str) -> RemoteFiles:
        """The files of DVC's object database."""
        prefix = store.fs.unstrip_protocol(store.oid_to_path("00" * 16))[: -len("00/") - 30]
        return cls(name, prefix, pickle.dumps((_for_ranges(store.fs.fs), config)))

    def __repr__(self) -> str:
        return f"<the files of the remote {self.name}>"

    def __reduce__(self) -> tuple[type[RemoteFiles], tuple[str, str, bytes]]:
        return type(self), (self.name, self.prefix, self._sealed)

    def source_of(self, oid: str) -> str:
        """The name of an object's file."""
        return f"{self.prefix}{oid[:2]}/{oid[2:]}"

    def sizes(self, oids: Iterable[str]) -> dict[str, int]:
        """The size of each object in bytes; MissingDataError names the first that the remote lacks."""
        wanted = list(dict.fromkeys(oids))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(wanted, pool.map(lambda oid: self._state(self.source_of(oid))[0], wanted), strict=True))

    def read(self, oid: str) -> bytes:
        """All bytes of an object that lists files. Errors: MissingDataError, MismatchError, those of a remote."""
        source = self.source_of(oid)
        refuse_large(self._state(source)[0], oid=oid)
        content: bytes = self._told(lambda: self._fetch(source), source)
        return content

    def holds(self, source: str) -> bool:
        """Whether the name is that of a file there."""
        return source.startswith(self.prefix)

    def open(self, source: str, *, path: str, stop: int | None = None) -> RemoteFile:  # noqa: ARG002 - the store's form
        """The file, of which little is read from `stop` on."""
        if (coming := self._fetched.get(source)) is not None:
            data = self._told(coming.result, source)
            return RemoteFile(lambda start, end: data[start:end], lambda: (len(data), (0, 0, 0)), stop=None)
        return RemoteFile(
            lambda start, end: self._told(partial(self._fetch, source, start=start, end=end), source),
            lambda: self._state(source),
            stop=stop,
        )

    @contextmanager
    def ahead(self, sources: Sequence[str]) -> Iterator[RemoteFiles]:
        """The same files, of which these are fetched many at once, a few ahead of the one that is asked for."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            coming = _Ahead(lambda source: pool.submit(self._fetch, source), sources)
            try:
                yield replace(self, _fetched=coming)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _fetch(self, source: str, *, start: int | None = None, end: int | None = None) -> bytes:
        files = self._files()
        if source.startswith("ssh:"):  # whose own way takes no addresses, and gives all for a range
            with files.open(files._strip_protocol(source), "rb") as stream:  # noqa: SLF001 - fsspec has no other
                stream.seek(start or 0)
                content: bytes = stream.read(-1 if end is None else end - (start or 0))
        else:
            content = files.cat_file(source, start=start, end=end)
        return content

    def _state(self, source: str) -> tuple[int, tuple[int, int, int]]:
        """Size and what differs when the object was replaced: its time, and its ETag where the storage has one."""
        info = self._told(lambda: self._files().info(source), source)
        modified = info.get("LastModified") or info.get("mtime") or info.get("last_modified") or 0
        tag = str(info.get("ETag") or info.get("etag") or info.get("ino") or "")
        seconds = modified.timestamp() if hasattr(modified, "timestamp") else float(modified)
        return info["size"], (int(seconds * 1000) * 1_000_000, 0, _number(tag))

    def _files(self) -> Any:
        if self._sealed not in _opened:
            _opened[self._sealed] = pickle.loads(self._sealed)  # noqa: S301 - sealed by the one who sends the job
        return _opened[self._sealed][0]

    def _told(self, function: Callable[[], _T], source: str) -> _T:
        try:
            return function()
        except DsvError:
            raise
        except FileNotFoundError:
            oid = source.removeprefix(self.prefix).replace("/", "")
            raise MissingDataError(
                f"the remote {self.name} lacks the object {oid}",
                hint="whoever released it pushes it: dsv push",
                details={"objects": [oid]},
            ) from None
        except Exception as error:  # noqa: BLE001 - each kind of storage has errors of its own
            settings = _opened[self._sealed][1] if self._sealed in _opened else {}
            raise told_error(error, settings, name=self.name) from None


def _for_ranges(files: Any) -> Any:
    """The file system; one for S3 that does not hold a range against the checksum of the whole, as some servers send.

    What is read here has digests of its own.
    """
    if "s3" not in files.protocol:
        return files
    from botocore.config import Config

    if "response_checksum_validation" not in Config.OPTION_DEFAULTS:
        return files
    settings = {**files.storage_options.get("config_kwargs", {}), "response_checksum_validation": "when_required"}
    return type(files)(*files.storage_args, **{**files.storage_options, "config_kwargs": settings})


_opened: dict[bytes, tuple[Any, dict[str, Any]]] = {}
"""Remotes that this process has opened, which keep connections."""


class _Ahead(Mapping[str, "Future[bytes]"]):
    """Small files on their way: asking for one sets off a few more."""

    def __init__(self, start: Callable[[str], Future[bytes]], sources: Sequence[str]) -> None:
        self._start = start
        self._names = frozenset(sources)
        self._left = iter(sources)
        self._coming: dict[str, Future[bytes]] = {}
        self._more(_AT_ONCE * 2)

    def __getitem__(self, source: str) -> Future[bytes]:
        if source not in self._names:
            raise KeyError(source)
        self._more(1)
        return self._coming.pop(source, None) or self._start(source)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _more(self, count: int) -> None:
        for source in islice(self._left, count):
            self._coming[source] = self._start(source)


class RemoteFile:
    """An open file, as a `dsv.records.byte_source.OpenFile`, whose next block is fetched while one is read."""

    descriptor = None

    def __init__(
        self,
        fetch: Callable[[int, int], bytes],
        look: Callable[[], tuple[int, tuple[int, int, int]]],
        *,
        stop: int | None,
    ) -> None:
        self._fetch, self._look = fetch, look
        self.size, self.state = look()
        self._stop = self.size if stop is None else min(stop, self.size)
        self._at = 0
        self._start, self._block = 0, b""
        self._pool: ThreadPoolExecutor | None = None
        self._next: tuple[int, Future[bytes]] | None = None

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer with bytes that follow; how many, 0 at the end."""
        count = self.readinto_at(buffer, self._at)
        self._at += count
        return count

    def readinto_at(self, buffer: memoryview, offset: int) -> int:
        """Fill the buffer with bytes from the offset on; how many, 0 at the end."""
        if offset >= self.size or not buffer:
            return 0
        if not self._start <= offset < self._start + len(self._block):
            self._load(offset)
        first = offset - self._start
        count = min(len(buffer), len(self._block) - first)
        buffer[:count] = self._block[first : first + count]
        return count

    def unchanged(self) -> bool:
        """Whether the name still leads to the same bytes."""
        return self._look() == (self.size, self.state)

    def close(self) -> None:
        """No more is read."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._next = None

    def _load(self, offset: int) -> None:
        following = offset == self._start + len(self._block)
        if self._next is not None and self._next[0] == offset:
            block = self._next[1].result()
        else:
            block = self._fetch(offset, self._end(offset))
        self._start, self._block, self._next = offset, block, None
        after = offset + len(block)
        if following and block and after < self._stop:
            self._pool = self._pool or ThreadPoolExecutor(1)
            self._next = after, self._pool.submit(self._fetch, after, self._end(after))

    def _end(self, start: int) -> int:
        """Where a block ends that starts there."""
        return min(start + _BLOCK, self._stop) if start < self._stop else min(start + _BEHIND, self.size)


def _number(tag: str) -> int:
    return int.from_bytes(hashlib.sha256(tag.encode()).digest()[:6], "big") if tag else 0
