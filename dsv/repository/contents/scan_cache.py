"""What the last look at a dataset's files found, so that the next one opens only what changed since.

Derived: a missing, damaged or foreign file means that everything is read again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from dsv.model.reading import Reading
from dsv.records.built_index import BuiltIndex
from dsv.records.canonical import RECORD_FORM
from dsv.records.file_scan import FileScan, pack_scans, unpack_scans
from dsv.records.profile import Profile
from dsv.repository import sealed

_FILE = "scan"
_LAYOUT = 3
_CLOCK_TICK_NS = 20_000_000


@dataclass(frozen=True)
class ScanCache:
    """Files by path, the facts of the index built from them, and the name of its directory.

    `profile` is that of all records, where it is known without merging those of the files.
    """

    files: Mapping[str, FileScan]
    built: BuiltIndex
    index: str
    profile: Profile | None = None


class _Stored(msgspec.Struct, array_like=True, frozen=True):
    layout: int
    declarations: str
    built: BuiltIndex
    index: str
    profile: Profile | None
    scans: bytes


def declarations_digest(reading: Reading, key: Sequence[str], *, counter: str, inspections: Sequence[str] = ()) -> str:
    """What the rows of a scan depend on beside the bytes; splits are no part of it, being told by the path.

    With `inspections`, by their identities, what its notes depend on too.
    """
    asked = [inspections] if inspections else []
    text = msgspec.json.encode(
        [_LAYOUT, RECORD_FORM, reading.format, reading.records, reading.csv, key, counter, *asked]
    )
    return hashlib.sha256(text).hexdigest()


def load(directory: str, *, declarations: str | None) -> ScanCache | None:
    """The cache in a directory, when it was made under the same declarations (None: whatever they were)."""
    stored = sealed.read(os.path.join(directory, _FILE), _Stored)
    if stored is None or stored.layout != _LAYOUT or declarations not in (None, stored.declarations):
        return None
    try:
        scans = {scan.path: scan for scan in unpack_scans(stored.scans)}
    except ValueError:  # of another dsv
        return None
    return ScanCache(scans, stored.built, stored.index, stored.profile) if stored.index.isalnum() else None


def save(directory: str, cache: ScanCache, *, declarations: str) -> None:
    """Keep the cache for the next look."""
    scans = pack_scans(list(cache.files.values()))
    stored = _Stored(_LAYOUT, declarations, cache.built, cache.index, cache.profile, scans)
    sealed.write(os.path.join(directory, _FILE), stored)


def settled(scans: Iterable[FileScan], *, started_ns: int) -> dict[str, FileScan]:
    """The scans to keep: with no time where the file was touched so late that its clock could hide another touch."""
    limit = started_ns - _CLOCK_TICK_NS
    return {
        scan.path: scan
        if scan.modified_ns < limit and scan.changed_ns < limit
        else msgspec.structs.replace(scan, changed_ns=0)
        for scan in scans
    }
