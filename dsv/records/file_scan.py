"""What is known of one file after it was read, and how that travels from process to process and into a cache."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from dsv.model.fields import Fields
from dsv.model.reading import OPAQUE
from dsv.records.inspection import Notes
from dsv.records.profile import Profile, merge

NAMED = 10
"""How many bad records, or records without the key, are named; all are counted."""


class BadRecord(msgspec.Struct, array_like=True, frozen=True):
    """Text that is no record: in which file, at which line (None where lines mean nothing), and why."""

    file: str
    line: int | None
    reason: str


class FileScan(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What one file holds. Digests are hexadecimal, `size` is in bytes, rows count records from 1.

    `format` is the one its records were read in, `opaque` where none were, and `dialect` how it was spelled;
    `unreadable` says why a reader that should have read it could not. `modified_ns`, `changed_ns` and `inode` are those
    of the bytes that were read. `profile` is packed, because it is looked at much less often than carried around.
    `notes` are what the inspections noted that were asked for when it was read.
    """

    path: str
    size: int
    md5: str
    sha256: str
    modified_ns: int
    changed_ns: int
    inode: int
    format: str = OPAQUE
    records: int = 0
    bad_count: int = 0
    bad: tuple[BadRecord, ...] = ()
    fields: Fields = Fields()
    tokens: int = 0
    missing_keys: int = 0
    first_missing: tuple[int, ...] = ()
    unreadable: str = ""
    dialect: str = ""
    profile: bytes = b""
    notes: Notes = ()

    @property
    def signature(self) -> tuple[int, int, int, int]:
        """What differs when the file was touched since: size, mtime and ctime in ns, inode."""
        return self.size, self.modified_ns, self.changed_ns, self.inode


class _Packed(msgspec.Struct, array_like=True, frozen=True):
    """Scans without their fields, and which of the distinct fields, shared by thousands of files, each has."""

    distinct: list[Fields]
    fields: list[int]
    scans: list[FileScan]


def pack_profile(profile: Profile) -> bytes:
    """The profile as a FileScan carries it."""
    return msgspec.msgpack.encode(profile)


def merged_profile(scans: Iterable[FileScan]) -> Profile:
    """The profile of the records of all these files; ValueError for bytes that are none."""
    decode = msgspec.msgpack.Decoder(Profile).decode
    return merge(decode(scan.profile) for scan in scans if scan.profile)


_NONE = Fields()
_decoder = msgspec.msgpack.Decoder(_Packed)


def pack_scans(scans: Sequence[FileScan]) -> bytes:
    """The scans as bytes that `unpack_scans` reads."""
    numbers: dict[Fields, int] = {}
    seen: dict[int, int] = {}  # most are the very same object, which needs no comparing
    fields, bare = [], []
    for scan in scans:
        known = scan.fields
        number = seen.get(id(known))
        if number is None:
            number = seen[id(known)] = numbers.setdefault(known, len(numbers))
        fields.append(number)
        bare.append(msgspec.structs.replace(scan, fields=_NONE))
    return msgspec.msgpack.encode(_Packed(list(numbers), fields, bare))


def unpack_scans(content: bytes) -> list[FileScan]:
    """The scans that were packed; ValueError for other bytes."""
    packed = _decoder.decode(content)
    if len(packed.fields) != len(packed.scans) or not all(
        0 <= number < len(packed.distinct) for number in packed.fields
    ):
        raise ValueError("not packed scans")
    for scan, number in zip(packed.scans, packed.fields, strict=True):
        # a value that was just made, and that nobody has seen yet
        msgspec.structs.force_setattr(scan, "fields", packed.distinct[number])
    return packed.scans
