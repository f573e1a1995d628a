"""What can be asked of a record index: where a record, a key or a data file is in it."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol

from dsv.errors import MismatchError, NoPathError, UsageError
from dsv.model.problems import shown
from dsv.records.canonical import MalformedError, Number, decode, fingerprint, key_fingerprint
from dsv.records.lookup import FINGERPRINT_BYTES, Position, find_in_packs, find_keys_in_packs
from dsv.records.runs import ROW, SortedRuns
from dsv.records.sums import files_at, files_with_digest
from dsv.repository.comparing.held_indexes import OPAQUE_FILES, RECORDS, HeldIndex, IndexedVersion, is_listing_of

if TYPE_CHECKING:
    from dsv.model.reading import Reading

SHORTEST_DIGEST = 8

_DIGEST = re.compile(r"(?i)(?:sha256:)?([0-9a-f]{8,64})")
_BLOCK = 1 << 20


@dataclass(frozen=True)
class FoundAt:
    """Where something is in a version; `row` is None for a whole file, `record` its row in the file asked for."""

    split: str | None
    file: str
    row: int | None
    record: int | None = None


@dataclass(frozen=True)
class Found:
    """How many of the things asked for a version holds, in how many places, and the first of these."""

    things: int = 0
    places: int = 0
    first: tuple[FoundAt, ...] = ()


class Question(Protocol):
    """Something that can be looked up in a record index."""

    @property
    def things(self) -> int:
        """How many records, keys or files are asked for."""

    def concerns(self, version: IndexedVersion) -> bool:
        """Whether such a version can hold it, as far as its manifest tells."""

    def search(self, version: IndexedVersion, held: HeldIndex, *, limit: int) -> Found:
        """What the version's index says; the first `limit` places are named. MismatchError where it is damaged."""


@dataclass(frozen=True)
class _Asked:
    """A record that is asked for: its row in the file that it came from, and how many such rows there are."""

    row: int | None = None
    count: int = 1


@dataclass(frozen=True)
class ContentQuestion:
    """Records by their fingerprints, and a file as a whole by the first bytes of its SHA-256."""

    rows: Iterable[bytes]
    """Ascending rows without keys; read anew for each version."""
    things: int
    numbered: bool = False
    whole: bytes = b""

    def concerns(self, version: IndexedVersion) -> bool:  # noqa: ARG002 - a Question's form
        """Any version may hold it."""
        return True

    def search(self, version: IndexedVersion, held: HeldIndex, *, limit: int) -> Found:
        """Where the version holds these records, or the file."""
        things, places = 0, 0
        first: list[tuple[Position, int | None]] = []
        packs = held.packs(RECORDS)
        answers = list[Iterator[Any]]()
        if self.whole:
            for kind in filter(None, (packs, held.packs(OPAQUE_FILES))):
                answers.append(find_in_packs(kind, [(self.whole, _Asked())], opaque=True, limit=limit))
        answers.append(find_in_packs(packs, self._wanted(), opaque=False, limit=limit))
        for answer in answers:
            for asked, hits in answer:
                things += asked.count
                places += hits.total
                first += [(position, asked.row) for position in hits.first[: limit - len(first)]]
        return Found(things, places, _named(version, held, first))

    def _wanted(self) -> Iterator[tuple[bytes, _Asked]]:
        for content, several in groupby(self.rows, key=lambda row: row[:FINGERPRINT_BYTES]):
            numbers = [int.from_bytes(row[-4:], "big") for row in several]
            yield content, _Asked(numbers[0] if self.numbered else None, len(numbers))


@dataclass(frozen=True)
class KeyQuestion:
    """The record that a key identifies: the text as a string, else as a number; for several fields as a JSON list.

    Rows are not sorted by key, so all of them are read. But most records stay as they are from version to version: what
    was found in one is looked up by its content in the next, and where that is found, nothing else can have its key.
    """

    text: str
    things: int = 1
    _contents: dict[tuple[str, ...], set[bytes]] = field(default_factory=dict, repr=False)

    def concerns(self, version: IndexedVersion) -> bool:
        """Whether the version has a key of as many fields, with values of such types."""
        return bool(self._values(version))

    def search(self, version: IndexedVersion, held: HeldIndex, *, limit: int) -> Found:
        """Where the version holds it; as a number only where it does not as a string."""
        keys = [key_fingerprint(values) for values in self._values(version)]
        packs = held.packs(RECORDS)
        known = self._contents.setdefault(tuple(name for name, _ in version.key), set())
        hits = None
        if version.unique and len(keys) == 1:
            wanted = [(content, None) for content in sorted(known)]
            hits = next((each for _, each in find_in_packs(packs, wanted, opaque=False, limit=limit)), None)
        if hits is None:
            found = find_keys_in_packs(packs, keys, limit=limit)
            hits = next((found[key] for key in keys if key in found), None)
        if hits is None:
            return Found()
        if len(keys) == 1:
            known |= hits.contents
        return Found(1, hits.total, _named(version, held, [(position, None) for position in hits.first]))

    def _values(self, version: IndexedVersion) -> list[list[Any]]:
        """The values that the key may have, the likelier first."""
        value: Any = None
        with suppress(MalformedError):
            value = decode(_bytes_of(self.text))
        if len(version.key) != 1:
            return [value] if version.key and isinstance(value, list) and len(value) == len(version.key) else []
        [(_, types)] = version.key
        number = isinstance(value, int | float | Number) and not isinstance(value, bool)
        as_string = [[self.text]] if "string" in types or not types else []
        return [*as_string, [value]] if number and ("number" in types or not types) else as_string


@dataclass(frozen=True)
class DigestQuestion:
    """Data files by the first digits of their SHA-256."""

    digits: str
    things: int = 1

    def concerns(self, version: IndexedVersion) -> bool:  # noqa: ARG002 - a Question's form
        """Any version may hold it."""
        return True

    def search(self, version: IndexedVersion, held: HeldIndex, *, limit: int) -> Found:
        """The files with such a digest."""
        listing = held.listing()
        files = files_with_digest(listing, self.digits)
        if files:
            _check_listing(version, listing)
        first = tuple(FoundAt(version.reading.split_of(path), path, None) for path, _ in files[:limit])
        return Found(len({digest for _, digest in files}), len(files), first)


def record_question(value: Any) -> ContentQuestion:
    """The record with this value; UsageError for one that JSON cannot hold."""
    try:
        return ContentQuestion([ROW.pack(fingerprint(value), 0, 1)], things=1)
    except TypeError as error:
        raise UsageError(f"that is no record: {error}", hint="give a JSON value") from None


def json_question(text: str) -> ContentQuestion:
    """The record that a JSON text spells; UsageError where it spells none."""
    try:
        return record_question(decode(_bytes_of(text)))
    except MalformedError as error:
        raise UsageError(
            f"--record {shown(text)} is no record: {error.reason}",
            hint="give one JSON value in quotes; --text takes a string as it is",
        ) from None


def digest_question(text: str) -> DigestQuestion:
    """The files whose SHA-256 starts with these digits; UsageError for other texts, or for fewer than eight digits."""
    match = _DIGEST.fullmatch(text)
    if match is None:
        raise UsageError(
            f"--sha256 {shown(text)} is not {SHORTEST_DIGEST} to 64 digits out of 0-9a-f",
            hint="sha256sum FILE prints them",
        )
    return DigestQuestion(match[1].lower())


@contextmanager
def file_question(path: str, *, reading: Reading) -> Iterator[ContentQuestion]:
    """The records of a file, which may lie anywhere, and the file as a whole; one without a reader only as that.

    NoPathError where there is no such file.
    """
    from dsv.records.formats import CannotReadError
    from dsv.records.present import records_of

    whole = _sha256_of(path)
    name = os.path.basename(path)
    with SortedRuns(ROW.size) as runs:
        records = records_of(path, path=name, reading=reading)
        rows: Iterable[bytes] = runs
        try:
            runs.add_one_by_one(ROW.pack(fingerprint(value), 0, row) for row, value in records)
        except CannotReadError:  # a version that has it has it as a whole
            rows = ()
        things = runs.count if rows is runs and runs.count else 1
        yield ContentQuestion(rows, things=things, numbered=True, whole=whole[:FINGERPRINT_BYTES])


def _named(
    version: IndexedVersion, held: HeldIndex, found: Sequence[tuple[Position, int | None]]
) -> tuple[FoundAt, ...]:
    """Positions with the paths and splits of their files, in the order of the files and rows."""
    if not found:
        return ()
    listing = held.listing()
    _check_listing(version, listing)
    files = files_at(listing, {file for (file, _), _ in found})
    split_of = version.reading.split_of
    ordered = sorted(found, key=lambda each: (each[0], each[1] or 0))
    return tuple(FoundAt(split_of(files[file][0]), files[file][0], row, record) for (file, row), record in ordered)


def _check_listing(version: IndexedVersion, listing: bytes) -> None:
    if not is_listing_of(version, listing):
        raise MismatchError(
            f"the record index of {version.known.name} lists other files than the version has",
            hint="dsv fetch --index brings it back",
        )


def _sha256_of(path: str) -> bytes:
    digest = hashlib.sha256()
    try:
        # Not blocking: a FIFO must not hang the command.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise NoPathError(f"{path} is no regular file", hint="name a file of records")
            while block := stream.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise NoPathError(f"{path} cannot be read: {error.strerror}", hint="give the path of a file") from error
    return digest.digest()


def _bytes_of(text: str) -> bytes:
    """A text as bytes; the lone surrogates for stray bytes of the command line become bytes that are no UTF-8."""
    return text.encode("utf-8", "surrogatepass")
