"""One pass over a file: its size and digests, its records and their fingerprints, its fields, and a copy of it."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple, Protocol

from dsv.errors import DiskError, DsvError, UnsupportedFileError
from dsv.model.reading import Reading
from dsv.records import single
from dsv.records.byte_source import (
    BUFFER_SIZE,
    Copy,
    Digests,
    HashingReader,
    OpenFile,
    Seekable,
    Store,
    open_file,
    shown,
)
from dsv.records.file_scan import FileScan, pack_profile
from dsv.records.formats import AUTO, OPAQUE, Access, CannotReadError, Format, choose, contents_of
from dsv.records.inspection import Batch, Inspection, Notes, begun, finished
from dsv.records.single import only_record
from dsv.records.text import WHITESPACE, TokenCounter
from dsv.records.totals import BATCH, Totals

SMALL = 1 << 20
"""Bytes up to which a file is read as a whole."""

ATTEMPTS = 3

_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_LARGEST_POINTER = 1024


class RowSink(Protocol):
    """Takes the rows of one file; they count once committed."""

    @property
    def file(self) -> int:
        """The number of the file."""

    def add(self, rows: list[bytes]) -> None:
        """Take rows."""

    def commit(self) -> None:
        """Keep what was taken."""

    def discard(self) -> None:
        """Forget what was taken."""


class Keeper(Protocol):
    """Keeps copies of the files that are read, by their MD5; travels to other processes."""

    def keep(self, md5: str, data: bytes) -> None:
        """Keep a file of these bytes."""

    def copy(self, descriptor: int, *, settled: bool) -> Copy:
        """A copy of the open file, which is told its bytes as they are read.

        `settled` says that a change of the file while it is read cannot hide from its stat.
        """


@dataclass(frozen=True)
class Terms:
    """Under which terms files are read: the declarations, the way tokens are counted, and who keeps copies.

    `settled_ns` is the time (`time.time_ns()`) before which a file must have been touched last for a later
    change to show in its stat. `store` holds the files whose names are not those of this file system. `inspections`
    are what is to be found out about the records beside that.
    """

    reading: Reading = field(default_factory=Reading)
    key: tuple[str, ...] = ()
    counter: TokenCounter = WHITESPACE
    keeper: Keeper | None = None
    settled_ns: int = 0
    store: Store | None = None
    inspections: Sequence[Inspection] = ()

    def format_of(self, path: str) -> Format | None:
        """The format that reads the file, None for an opaque one."""
        return choose(path, self.reading)


class Scanner:
    """Reads files under the same terms."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._formats: dict[str, Format | None] = {}

    def scan(
        self,
        source: str | os.PathLike[str],
        *,
        path: str,
        sink: RowSink,
        progress: Callable[[int], None] | None = None,
    ) -> FileScan:
        """The scan of one file, its rows committed to the sink.

        `path` names the file in messages and, with the declarations, tells its format. `progress` is called with
        bytes read. A file that changes meanwhile is read again; UnsupportedFileError when it does not come to rest.
        """
        try:
            for _ in range(ATTEMPTS):
                scan = self._attempt(source, path=path, sink=sink, progress=progress)
                if scan is not None:
                    sink.commit()
                    return scan
                sink.discard()
        except OSError as error:
            sink.discard()
            raise DiskError(f"cannot read {shown(path)}: {error.strerror}", details={"file": path}) from error
        except DsvError:
            sink.discard()
            raise
        raise UnsupportedFileError(
            f"{shown(path)} changes while it is read",
            hint="wait until nothing writes to it, then run the command again",
            details={"file": path},
        )

    def _format_of(self, path: str) -> Format | None:
        """The format of the file, looked up once for each ending where no other part of the path counts."""
        reading = self._terms.reading
        dot = path.find(".", path.rfind("/") + 1)
        if reading.format != AUTO or reading.records or dot < 0:
            return self._terms.format_of(path)
        ending = path[dot:]
        if ending not in self._formats:
            self._formats[ending] = self._terms.format_of(path)
        return self._formats[ending]

    def _attempt(
        self,
        source: str | os.PathLike[str],
        *,
        path: str,
        sink: RowSink,
        progress: Callable[[int], None] | None,
    ) -> FileScan | None:
        """One reading, None when the file was changed under it."""
        file = open_file(source, path=path, store=self._terms.store)
        try:
            read = self._read_small if file.size <= SMALL else self._read_large
            found = read(file, path=path, sink=sink, progress=progress)
        finally:
            file.close()
        if found is None or not file.unchanged():
            if found is not None and found.copy is not None:
                found.copy.drop()
            return None
        if found.copy is not None:
            found.copy.keep(found.digests.md5)
        return found.scan(path, file.state)

    def _read_small(
        self,
        file: OpenFile,
        *,
        path: str,
        sink: RowSink,
        progress: Callable[[int], None] | None,
    ) -> _Found | None:
        """What lies in a file that is read as a whole, None where it has grown meanwhile."""
        data = _whole(file)
        if len(data) != file.size:
            return None
        if progress is not None and data:
            progress(len(data))
        digests = Digests(
            len(data), hashlib.md5(data, usedforsecurity=False).hexdigest(), hashlib.sha256(data).hexdigest()
        )
        if self._terms.keeper is not None:
            self._terms.keeper.keep(digests.md5, data)
        if reason := _pointer(len(data), data):
            return _Found(digests, unreadable=reason)
        chosen = self._format_of(path)
        if chosen is None:
            return _Found(digests)
        value = only_record(chosen, data)
        if value is not None and (one := single.facts_of(value, counter=self._terms.counter)) is not None:
            row, has_key = single.row_of(value, key=self._terms.key, file=sink.file)
            sink.add([row])
            fields, tokens, profile = one
            facts = {"records": 1, "fields": fields, "tokens": tokens, "profile": pack_profile(profile)}
            if self._terms.inspections:
                facts["notes"] = _noted_of_one(value, self._terms.inspections)
            if not has_key:
                facts.update(missing_keys=1, first_missing=(1,))
            return _Found(digests, facts, chosen.name)
        stream: io.BufferedReader[Any] = io.BufferedReader(io.BytesIO(data), len(data) + 1)
        return self._records(chosen, stream, digests=digests, path=path, sink=sink)

    def _read_large(
        self,
        file: OpenFile,
        *,
        path: str,
        sink: RowSink,
        progress: Callable[[int], None] | None,
    ) -> _Found:
        """What the format that is chosen for the file finds in it; every byte is hashed, and copied, then."""
        keeper = self._terms.keeper
        copy = None
        if keeper is not None and file.descriptor is not None:
            copy = keeper.copy(file.descriptor, settled=self.is_settled(file))
        try:
            hashing = HashingReader(file, copy=copy, progress=progress)
            chosen = self._format_of(path)
            raw: io.RawIOBase = hashing
            if chosen is not None and chosen.access is Access.SEEKABLE:
                hashing.drain()
                raw = _seekable(file)
            found = None
            if chosen is not None:
                stream: io.BufferedReader[Any] = io.BufferedReader(raw, BUFFER_SIZE)
                found = self._records(chosen, stream, digests=None, path=path, sink=sink)
            hashing.drain()
        except BaseException:
            if copy is not None:
                copy.drop()
            raise
        digests = hashing.digests
        return _Found(digests, copy=copy) if found is None else found._replace(digests=digests, copy=copy)

    def is_settled(self, file: OpenFile) -> bool:
        """Whether a change of the file from now on would show in its stat."""
        modified, changed, _ = file.state
        return max(modified, changed) < self._terms.settled_ns

    def _records(
        self, chosen: Format, stream: io.BufferedReader[Any], *, digests: Digests | None, path: str, sink: RowSink
    ) -> _Found:
        digests = digests or Digests(0, "", "")
        try:
            contents = contents_of(chosen, stream, path=path)
            inspectors = begun(self._terms.inspections)
            totals = Totals(path, self._terms.key, self._terms.counter, contents.columns, inspectors=inspectors)
            take_all(contents.records, totals, sink=sink)
        except CannotReadError as error:
            sink.discard()
            return _Found(digests, unreadable=error.reason)
        return _Found(digests, facts_of(totals), contents.format, contents.dialect)


def take_all(records: Iterator[tuple[int | None, object]], totals: Totals, *, sink: RowSink) -> None:
    """Every record into the totals, and its row into the sink."""
    while read := list(islice(records, BATCH)):
        sink.add(totals.take(read, file=sink.file))


def scan_file(
    source: str | os.PathLike[str],
    *,
    path: str,
    reading: Reading,
    key: tuple[str, ...],
    sink: RowSink,
    counter: TokenCounter = WHITESPACE,
    progress: Callable[[int], None] | None = None,
) -> FileScan:
    """The scan of one file, as `Scanner.scan` gives it."""
    return Scanner(Terms(reading, key, counter)).scan(source, path=path, sink=sink, progress=progress)


NO_FACTS: Mapping[str, Any] = {}


class _Found(NamedTuple):
    digests: Digests
    facts: Mapping[str, Any] = NO_FACTS
    format: str = OPAQUE
    dialect: str = ""
    unreadable: str = ""
    copy: Copy | None = None

    def scan(self, path: str, state: tuple[int, int, int]) -> FileScan:
        return FileScan(
            path,
            *self.digests,
            *state,
            self.format,
            unreadable=self.unreadable,
            dialect=self.dialect,
            **self.facts,
        )


def _whole(file: OpenFile) -> bytes:
    """All bytes of a small file, and one more where it has grown meanwhile."""
    if file.descriptor is not None:
        return os.read(file.descriptor, file.size + 1)
    data = bytearray(file.size + 1)
    return bytes(data[: file.readinto_at(memoryview(data), 0)])


def _seekable(file: OpenFile) -> io.RawIOBase:
    if file.descriptor is None:
        return Seekable(file)
    os.lseek(file.descriptor, 0, os.SEEK_SET)
    return io.FileIO(file.descriptor, closefd=False)


def facts_of(totals: Totals) -> dict[str, Any]:
    """The facts of a FileScan that the totals tell."""
    return {
        "records": totals.records,
        "bad_count": totals.bad_count,
        "bad": tuple(totals.bad),
        "fields": totals.fields,
        "tokens": totals.tokens,
        "missing_keys": totals.missing_keys,
        "first_missing": tuple(totals.first_missing),
        "profile": pack_profile(totals.profiler.finish()),
        "notes": totals.notes,
    }


def _noted_of_one(value: dict[str, Any], inspections: Sequence[Inspection]) -> Notes:
    """What is noted of a file that is one record."""
    inspectors = begun(inspections)
    batch = Batch([value], first=1)
    for _, inspector in inspectors:
        inspector.take(batch)
    return finished(inspectors)


def _pointer(size: int, head: bytes) -> str:
    """What a Git LFS pointer in place of the data is, empty for anything else."""
    if size <= _LARGEST_POINTER and head.startswith(_LFS_POINTER):
        return f"a Git LFS pointer of {size} bytes, not the data (git lfs pull brings it)"
    return ""
