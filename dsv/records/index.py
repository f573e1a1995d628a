"""The record index of a version: a directory with SHA256SUMS and packs of rows.

It is made of what was scanned and of the rows that unchanged files have in an earlier index, and it is all
that comparing two versions needs.
"""

from __future__ import annotations

import hashlib
import heapq
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, NamedTuple

from dsv.errors import ExistsError, MissingDataError
from dsv.model.reading import OPAQUE, is_documentation
from dsv.records import packs, sums
from dsv.records.built_index import BuiltIndex
from dsv.records.runs import KEYED_ROW, ROW, SortedRuns

NAMED = 10
"""How many duplicate keys are named; all are counted."""

_RECORDS = "records"
_OPAQUE_FILES = "opaque"


class IndexedFile(NamedTuple):
    """A data file as the index lists it: relative path, hexadecimal SHA-256, the format its records were read in."""

    path: str
    sha256: str
    format: str


@dataclass(frozen=True)
class Place:
    """Where a record is: the number of its file in SHA256SUMS from 0, and its row in the file from 1."""

    file: int
    row: int


@dataclass(frozen=True)
class DuplicateKeys:
    """How many records repeat the key of an earlier one, and the first of them as (repeating, repeated)."""

    count: int
    first: tuple[tuple[Place, Place], ...]


def file_numbers(paths: Iterable[str]) -> dict[str, int]:
    """The number that each file of a version has: its place among all paths in the order of their bytes."""
    return {path: number for number, path in enumerate(sorted(paths, key=sums.path_bytes))}


def build_index(
    directory: str,
    *,
    files: Sequence[IndexedFile],
    rows: Iterable[bytes],
    keyed: bool,
    largest_pack: int = packs.LARGEST_PACK,
) -> BuiltIndex:
    """Write the index of these files into a new directory, which appears complete or not at all.

    `rows` are the files' rows, ascending, in blocks of any number of them, 40 bytes wide when keyed and 24 otherwise,
    with the numbers that `file_numbers` gives. Where no file is readable there are none: every file is a record.
    """
    ordered = sorted(files, key=lambda file: sums.path_bytes(file.path))
    readable = any(file.format != OPAQUE for file in ordered)
    opaque = _opaque_rows(ordered, with_documentation=not readable)
    keyed = keyed and readable
    listing = sums.write_sums((file.path, file.sha256) for file in ordered)
    with _appearing(directory) as partial:
        _write_synced(os.path.join(partial, sums.FILE_NAME), listing)
        records = packs.write_packs(
            rows if readable else opaque,
            directory=partial,
            kind=_RECORDS,
            row_size=KEYED_ROW.size if keyed else ROW.size,
            flags=packs.FLAG_KEYED if keyed else 0 if readable else packs.FLAG_OPAQUE,
            largest=largest_pack,
        )
        if beside := readable and bool(opaque):
            packs.write_packs(
                opaque,
                directory=partial,
                kind=_OPAQUE_FILES,
                row_size=ROW.size,
                flags=packs.FLAG_OPAQUE,
                largest=largest_pack,
            )
    return BuiltIndex(
        tree_digest=hashlib.sha256(listing).hexdigest(),
        records_digest=records.fingerprints,
        records=records.rows,
        opaque=len(opaque) if beside else None,
        keyed=keyed,
    )


class RecordIndex:
    """A record index on the disk, opened. Its headers have been looked at, its rows have not."""

    def __init__(self, directory: str, *, listing: bytes, records: Sequence[packs.Pack]) -> None:
        self.directory = directory
        self.tree_digest = hashlib.sha256(listing).hexdigest()
        self.files = sums.read_sums(listing, name=os.path.join(directory, sums.FILE_NAME))
        self._records = tuple(records)
        self._opaque = packs.read_packs(directory, kind=_OPAQUE_FILES)

    @classmethod
    def open(cls, directory: str | os.PathLike[str]) -> RecordIndex:
        """The index in a directory; MissingDataError where a part is missing, MismatchError where it is damaged."""
        place = os.fspath(directory)
        hint = "dsv fetch --index brings it back"
        try:
            with open(os.path.join(place, sums.FILE_NAME), "rb") as file:
                listing = sums.read_listing(file)
        except FileNotFoundError:
            raise MissingDataError(f"there is no record index at {place}", hint=hint) from None
        records = packs.read_packs(place, kind=_RECORDS)
        if not records:
            raise MissingDataError(f"the record index at {place} has no packs of records", hint=hint)
        return cls(place, listing=listing, records=records)

    @property
    def record_packs(self) -> tuple[packs.Pack, ...]:
        """The packs of the records."""
        return self._records

    @property
    def keyed(self) -> bool:
        """Whether the rows carry key fingerprints."""
        return bool(self._records[0].flags & packs.FLAG_KEYED)

    @property
    def readable(self) -> bool:
        """Whether the records are records of files, not opaque files that stand as records."""
        return not self._records[0].flags & packs.FLAG_OPAQUE

    @property
    def count(self) -> int:
        """The number of records."""
        return sum(pack.rows for pack in self._records)

    @property
    def opaque_count(self) -> int | None:
        """The number of opaque files beside the records, None where none are."""
        return sum(pack.rows for pack in self._opaque) if self._opaque else None

    def rows(self) -> Iterator[bytes]:
        """The rows of the records, ascending."""
        return chain.from_iterable(map(packs.rows_of, self._records))

    def opaque_rows(self) -> Iterator[bytes]:
        """The rows of the opaque files beside the records, ascending."""
        return chain.from_iterable(map(packs.rows_of, self._opaque))

    def entries(self) -> Iterator[tuple[Any, ...]]:
        """The rows of the records as (fingerprint, [key fingerprint,] file number, row number)."""
        return chain.from_iterable(map(packs.entries_of, self._records))

    def opaque_entries(self) -> Iterator[tuple[Any, ...]]:
        """The rows of the opaque files as (fingerprint, file number, row number)."""
        return chain.from_iterable(map(packs.entries_of, self._opaque))

    def records_digest(self) -> str:
        """The hexadecimal SHA-256 over all fingerprints, which reads the whole index."""
        digest = hashlib.sha256()
        for row in self.rows():
            digest.update(row[:16])
        return digest.hexdigest()

    def records_by_file(self) -> list[int]:
        """How many records each file has, by file number; reads the whole index."""
        counts = [0] * len(self.files)
        for entry in self.entries():
            counts[entry[-2]] += 1
        return counts

    def verify(self) -> None:
        """MismatchError unless every pack's rows have their digest, ascend, lie in their pack and have a file."""
        for several in (self._records, self._opaque):
            for number, pack in enumerate(several):
                packs.verify_pack(pack, number=number, count=len(several), files=len(self.files))

    def rows_of_files(self, numbers: Mapping[int, int], *, spill: str | None = None) -> Iterator[bytes]:
        """The rows of some files under new file numbers (old -> new), ascending, as records of a later version.

        `spill` is a directory for sorting, which is needed only where the new numbers change the files' order.
        """
        new_numbers = {old: new.to_bytes(4, "big") for old, new in numbers.items()}
        kept = (
            row[:-8] + number + row[-4:]
            for row in self.rows()
            if (number := new_numbers.get(int.from_bytes(row[-8:-4], "big"))) is not None
        )
        if all(former < later for former, later in pairwise(numbers[old] for old in sorted(numbers))):
            yield from kept
            return
        with SortedRuns(self._records[0].row_size, directory=spill) as runs:
            runs.add_one_by_one(kept)
            yield from runs


def duplicate_keys(rows: Iterable[bytes], *, spill: str | None = None) -> DuplicateKeys:
    """The records, by their 40 byte rows, that repeat the key of an earlier record.

    A record without the key, whose key fingerprint is its fingerprint, repeats none.
    """
    with SortedRuns(ROW.size, directory=spill) as runs:
        runs.add_one_by_one(row[16:] for row in rows if row[:16] != row[16:32])
        count = 0
        first: list[tuple[int, int, int, int]] = []
        key, original = b"", (0, 0)
        for row in runs:
            each, file, number = ROW.unpack(row)
            if each != key:
                key, original = each, (file, number)
                continue
            count += 1
            first.append((file, number, *original))
            if len(first) > NAMED * NAMED:
                first = heapq.nsmallest(NAMED, first)
    named = heapq.nsmallest(NAMED, first)
    return DuplicateKeys(count, tuple((Place(*each[:2]), Place(*each[2:])) for each in named))


def _opaque_rows(files: Sequence[IndexedFile], *, with_documentation: bool) -> list[bytes]:
    return sorted(
        ROW.pack(bytes.fromhex(file.sha256), number, 1)
        for number, file in enumerate(files)
        if file.format == OPAQUE and (with_documentation or not is_documentation(file.path))
    )


@contextmanager
def _appearing(directory: str) -> Iterator[str]:
    """A directory to write into, which takes its name when everything in it is on the disk."""
    if os.path.lexists(directory):
        raise ExistsError(f"{directory} exists", hint="remove it first")
    partial = f"{directory}.partial-{os.getpid()}"
    shutil.rmtree(partial, ignore_errors=True)
    os.makedirs(partial)
    try:
        yield partial
        _sync_directory(partial)
        os.rename(partial, directory)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    _sync_directory(os.path.dirname(os.path.abspath(directory)))


def _write_synced(path: str, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(directory: str) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
