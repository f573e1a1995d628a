"""One pass over a file: its size and digests, its records and their fingerprints, its fields."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from dsv.errors import DiskError, UnsupportedFileError
from dsv.model.fields import Fields
from dsv.model.reading import Reading
from dsv.records.canonical import MalformedError, encode_parsed
from dsv.records.formats import OPAQUE, Access, CannotReadError, Contents, Malformed, choose, contents_of
from dsv.records.runs import KEYED_ROW, ROW
from dsv.records.text import WHITESPACE, TokenCounter, count_tokens

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

NAMED = 10
"""How many bad records, or records without the key, are named; all are counted."""

ATTEMPTS = 3

_BUFFER_SIZE = 1 << 18
_BATCH_ROWS = 4096
_MOST_SHAPES = 1024
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_LARGEST_POINTER = 1024
TYPE_NAMES: dict[type, str] = {str: "string", bool: "boolean", type(None): "null", list: "array", dict: "object"}


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


@dataclass(frozen=True)
class BadRecord:
    """Text that is no record: in which file, at which line (None where lines mean nothing), and why."""

    file: str
    line: int | None
    reason: str


@dataclass(frozen=True)
class FileScan:
    """What one file holds. Digests are hexadecimal, `size` is in bytes, rows count records from 1.

    `format` is the one its records were read in, `opaque` where none were, and `dialect` how it was spelled;
    `unreadable` says why a reader that should have read it could not. `modified_ns` and `inode` are those of the bytes
    that were read.
    """

    path: str
    size: int
    md5: str
    sha256: str
    modified_ns: int
    inode: int
    format: str = OPAQUE
    records: int = 0
    bad_count: int = 0
    bad: tuple[BadRecord, ...] = ()
    fields: Fields = field(default_factory=Fields)
    tokens: int = 0
    missing_keys: int = 0
    first_missing: tuple[int, ...] = ()
    unreadable: str = ""
    dialect: str = ""


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
    """The scan of one file, its rows committed to the sink.

    `path` names the file in messages and, with the declarations, tells its format. `progress` is called with bytes
    read. A file that changes meanwhile is read again; UnsupportedFileError when it does not come to rest.
    """
    try:
        for _ in range(ATTEMPTS):
            scan = _attempt(source, path=path, reading=reading, key=key, sink=sink, counter=counter, progress=progress)
            if scan is not None:
                sink.commit()
                return scan
            sink.discard()
    except OSError as error:
        sink.discard()
        raise DiskError(f"cannot read {shown(path)}: {error.strerror}", details={"file": path}) from error
    raise UnsupportedFileError(
        f"{shown(path)} changes while it is read",
        hint="wait until nothing writes to it, then run the command again",
        details={"file": path},
    )


def shown(path: str) -> str:
    """A path as it can stand in a one-line message, whatever characters it holds."""
    return path if path.isprintable() else ascii(path)


@dataclass
class _Tally:
    records: int = 0
    bad_count: int = 0
    bad: list[BadRecord] = field(default_factory=list)
    tokens: int = 0
    missing_keys: int = 0
    first_missing: list[int] = field(default_factory=list)
    fields: dict[str, dict[str, int]] = field(default_factory=dict)

    def add_bad(self, path: str, *, line: int | None, reason: str) -> None:
        self.bad_count += 1
        if len(self.bad) < NAMED:
            self.bad.append(BadRecord(path, line, reason))

    def add_missing(self, row: int) -> None:
        self.missing_keys += 1
        if len(self.first_missing) < NAMED:
            self.first_missing.append(row)

    def add_shapes(self, shapes: dict[tuple[object, ...], int]) -> None:
        """Take field names followed by as many types, with the number of records that look so."""
        for shape, count in shapes.items():
            half = len(shape) // 2
            for name, kind in zip(shape[:half], shape[half:], strict=True):
                types = self.fields.setdefault(_field_name(str(name)), {})
                word = TYPE_NAMES.get(kind, "number") if isinstance(kind, type) else ""
                types[word] = types.get(word, 0) + count
        shapes.clear()


def _field_name(name: str) -> str:
    """The name as files can hold it: a lone surrogate, which UTF-8 cannot carry, stands as its escape."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def _attempt(
    source: str | os.PathLike[str],
    *,
    path: str,
    reading: Reading,
    key: tuple[str, ...],
    sink: RowSink,
    counter: TokenCounter,
    progress: Callable[[int], None] | None,
) -> FileScan | None:
    """One reading, None when the file was changed under it."""
    # Not blocking: a FIFO that took a file's place must not hang the scan.
    descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with io.FileIO(descriptor) as file:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise UnsupportedFileError(f"{shown(path)} is no regular file", details={"file": path})
        hashing = _HashingReader(file, progress=progress)
        found = _read(
            hashing, descriptor, path=path, reading=reading, key=key, sink=sink, counter=counter, size=before.st_size
        )
        after = [os.fstat(descriptor)]
        with suppress(FileNotFoundError):
            after.append(os.stat(source))
    if len(after) == 1 or any(_state(each) != _state(before) for each in after):
        return None
    tally = found.tally
    return FileScan(
        path=path,
        size=hashing.size,
        md5=hashing.md5.hexdigest(),
        sha256=hashing.sha256.hexdigest(),
        modified_ns=before.st_mtime_ns,
        inode=before.st_ino,
        format=found.format,
        records=tally.records,
        bad_count=tally.bad_count,
        bad=tuple(tally.bad),
        fields=Fields.of(tally.fields),
        tokens=tally.tokens,
        missing_keys=tally.missing_keys,
        first_missing=tuple(tally.first_missing),
        unreadable=found.unreadable,
        dialect=found.dialect,
    )


@dataclass(frozen=True)
class _Found:
    tally: _Tally = field(default_factory=_Tally)
    format: str = OPAQUE
    dialect: str = ""
    unreadable: str = ""


def _read(
    hashing: _HashingReader,
    descriptor: int,
    *,
    path: str,
    reading: Reading,
    key: tuple[str, ...],
    sink: RowSink,
    counter: TokenCounter,
    size: int,
) -> _Found:
    """What the format that is chosen for the file finds in it; every byte is hashed then."""
    found = _Found()
    raw: io.RawIOBase = hashing
    chosen = choose(path, reading)
    if chosen is not None and chosen.access is Access.SEEKABLE:
        hashing.drain(expected=size)
        os.lseek(descriptor, 0, os.SEEK_SET)
        raw = io.FileIO(descriptor, closefd=False)
    if chosen is not None:
        stream: io.BufferedReader[Any] = io.BufferedReader(raw, min(_BUFFER_SIZE, size + 1))
        try:
            contents = contents_of(chosen, stream, path=path)
            tally = _tally(contents, path=path, key=key, sink=sink, counter=counter)
            found = _Found(tally, contents.format, contents.dialect)
        except CannotReadError as error:
            sink.discard()
            found = _Found(unreadable=error.reason)
    if raw is hashing:
        hashing.drain(expected=size)
    if hashing.size <= _LARGEST_POINTER and hashing.head.startswith(_LFS_POINTER):
        sink.discard()
        return _Found(unreadable=f"a Git LFS pointer of {hashing.size} bytes, not the data (git lfs pull brings it)")
    return found


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


class _HashingReader(io.RawIOBase):
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: io.FileIO, *, progress: Callable[[int], None] | None) -> None:
        self._file = file
        self._progress = progress
        self.size = 0
        self.head = b""
        self.md5 = hashlib.md5(usedforsecurity=False)
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        count = self._file.readinto(buffer) or 0
        view = memoryview(buffer)[:count]
        self.md5.update(view)
        self.sha256.update(view)
        if not self.size:
            self.head = bytes(view[:_LARGEST_POINTER])
        self.size += count
        if self._progress is not None and count:
            self._progress(count)
        return count

    def drain(self, *, expected: int) -> None:
        """Read, and hash, what is left of a file expected to have so many bytes."""
        buffer = bytearray(min(_BUFFER_SIZE, max(0, expected - self.size) + 1))
        while self.readinto(buffer):
            pass


def _tally(contents: Contents, *, path: str, key: tuple[str, ...], sink: RowSink, counter: TokenCounter) -> _Tally:
    """What the records of a file add up to; their rows go to the sink."""
    tally = _Tally(fields={name: {} for name in contents.columns})
    shapes: dict[tuple[object, ...], int] = {}
    rows: list[bytes] = []
    row, tokens, file, sha256, count = 0, 0, sink.file, hashlib.sha256, counter.count
    for line, value in contents.records:
        kind = type(value)
        if kind is Malformed:
            tally.add_bad(path, line=line, reason=value.reason)  # type: ignore[attr-defined]
            continue
        try:
            tokens += count_tokens(value, count=count)
        except MalformedError as error:
            tally.add_bad(path, line=line, reason=error.reason)
            continue
        row += 1
        fingerprint = sha256(encode_parsed(value)).digest()
        if kind is dict:
            shape = (*value, *map(type, value.values()))  # type: ignore[attr-defined, misc]
            shapes[shape] = shapes.get(shape, 0) + 1
            if len(shapes) > _MOST_SHAPES:
                tally.add_shapes(shapes)
        if not key:
            rows.append(ROW.pack(fingerprint, file, row))
        else:
            try:
                values = [value[name] for name in key]  # type: ignore[index]
                key_fingerprint = sha256(encode_parsed(values)).digest()
            except (LookupError, TypeError):
                # Without a key it is known by its content, which never pairs with another content.
                key_fingerprint = fingerprint
                tally.add_missing(row)
            rows.append(KEYED_ROW.pack(fingerprint, key_fingerprint, file, row))
        if len(rows) == _BATCH_ROWS:
            sink.add(rows)
            rows.clear()
    sink.add(rows)
    tally.add_shapes(shapes)
    tally.records, tally.tokens = row, tokens
    return tally
