"""What the last look at a dataset's files found, so that the next one opens only what changed since.

Derived: a missing, damaged or foreign file means that everything is read again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from dsv.model.fields import Fields
from dsv.model.reading import Reading
from dsv.records.canonical import RECORD_FORM
from dsv.records.index import BuiltIndex
from dsv.records.scan import FileScan
from dsv.repository import files
from dsv.repository.walk import WalkedFile

_LAYOUT = 2
_DIGEST_SIZE = 32
_CLOCK_TICK_NS = 20_000_000
Signature = tuple[int, int, int, int]


@dataclass(frozen=True)
class ScannedFile:
    """One file as it was read: its stat then (zeros when that may hide a later change), and what it holds."""

    signature: Signature
    scan: FileScan


@dataclass(frozen=True)
class ScanCache:
    """Files by path, the facts of the index built from them, and the name of its directory."""

    files: Mapping[str, ScannedFile]
    built: BuiltIndex
    index: str


class _Row(msgspec.Struct, array_like=True, frozen=True):
    """One file; `fields` counts into the table of distinct schemas, which thousands of files share."""

    signature: Signature
    scan: FileScan
    fields: int


class _Stored(msgspec.Struct, array_like=True, frozen=True):
    layout: int
    declarations: str
    built: BuiltIndex
    index: str
    fields: list[Fields]
    rows: list[_Row]


def declarations_digest(reading: Reading, key: Sequence[str], *, counter: str) -> str:
    """What the rows of a scan depend on beside the bytes; splits are no part of it, being told by the path."""
    text = msgspec.json.encode([_LAYOUT, RECORD_FORM, reading.format, reading.records, reading.csv, key, counter])
    return hashlib.sha256(text).hexdigest()


def load(directory: str, *, declarations: str | None) -> ScanCache | None:
    """The cache in a directory, when it was made under the same declarations (None: whatever they were)."""
    content = files.read_bytes(os.path.join(directory, "scan"))
    if content is None or hashlib.sha256(content[_DIGEST_SIZE:]).digest() != content[:_DIGEST_SIZE]:
        return None
    try:
        stored = msgspec.msgpack.decode(content[_DIGEST_SIZE:], type=_Stored)
        found = {
            row.scan.path: ScannedFile(row.signature, _with(row.scan, stored.fields[row.fields])) for row in stored.rows
        }
    except (ValueError, IndexError):  # of another layout; what does not decode is a ValueError
        return None
    usable = stored.layout == _LAYOUT and declarations in (None, stored.declarations)
    return ScanCache(found, stored.built, stored.index) if usable and _is_name(stored.index) else None


def save(directory: str, cache: ScanCache, *, declarations: str) -> None:
    """Keep the cache for the next look."""
    numbers: dict[Fields, int] = {}
    rows = [
        _Row(each.signature, _with(each.scan, Fields()), numbers.setdefault(each.scan.fields, len(numbers)))
        for each in cache.files.values()
    ]
    stored = _Stored(_LAYOUT, declarations, cache.built, cache.index, list(numbers), rows)
    content = msgspec.msgpack.encode(stored)
    files.write_bytes(os.path.join(directory, "scan"), hashlib.sha256(content).digest() + content)


def settled(file: WalkedFile, *, started_ns: int) -> Signature:
    """The signature to keep: zeros when the file was touched so late that a coarse clock could hide another touch."""
    if max(file.modified, file.changed) >= started_ns - _CLOCK_TICK_NS:
        return (0, 0, 0, 0)
    return file.signature


def _with(scan: FileScan, fields: Fields) -> FileScan:
    return replace(scan, fields=fields)


def _is_name(text: str) -> bool:
    return text.isalnum()
