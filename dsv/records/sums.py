"""SHA256SUMS: the files of a version with their digests, as sha256sum writes and checks them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterable
from operator import itemgetter
from typing import BinaryIO

from dsv.errors import MismatchError

FILE_NAME = "SHA256SUMS"
LARGEST = 512 << 20
"""Bytes of the largest list that is read, of some five million files."""

_LINE = re.compile(rb"(\\?)([0-9a-f]{64})  (.+)", re.DOTALL)
_ESCAPES = {b"\\": rb"\\", b"\n": rb"\n", b"\r": rb"\r"}
_REBUILD = "delete this record index; dsv makes it again from the data"
_ESCAPED = {written: character for character, written in _ESCAPES.items()}


def write_sums(files: Iterable[tuple[str, str]]) -> bytes:
    """The text for (path, hexadecimal SHA-256) pairs, in the order of the paths' bytes."""
    ordered = sorted_by_path(files)
    paths = "".join([path for path, _ in ordered])
    if not any(character in paths for character in "\\\n\r"):
        return path_bytes("".join([f"{digest}  {path}\n" for path, digest in ordered]))
    return b"".join(_line(path, digest) for path, digest in ordered)


def read_listing(file: BinaryIO) -> bytes:
    """The bytes of an open SHA256SUMS; MismatchError for one that is too large to be one."""
    size = os.fstat(file.fileno()).st_size
    if size > LARGEST:
        raise MismatchError(f"{file.name} has {size:,} bytes; at most {LARGEST:,} are read", hint=_REBUILD)
    return file.read()


def read_sums(text: bytes, *, name: str = FILE_NAME) -> tuple[tuple[str, str], ...]:
    """The (path, hexadecimal SHA-256) pairs of a text that `write_sums` made; MismatchError for any other."""
    *lines, rest = text.split(b"\n")
    files = [_entry(line) for line in lines]
    if rest or None in files:
        number = len(lines) + 1 if None not in files else files.index(None) + 1
        raise MismatchError(f"{name}: line {number} is not one that sha256sum writes", hint=_REBUILD)
    entries = tuple(entry for entry in files if entry is not None)
    if write_sums(entries) != text or len({path for path, _ in entries}) != len(entries):
        raise MismatchError(f"{name}: the paths are not sorted, or not unique", hint=_REBUILD)
    return entries


def files_at(text: bytes, numbers: Collection[int], *, name: str = FILE_NAME) -> dict[int, tuple[str, str]]:
    """The (path, hexadecimal SHA-256) pairs with these numbers, without reading the others; MismatchError for none."""
    lines = text.split(b"\n", max(numbers, default=0) + 1)
    found = {number: entry for number in numbers if number < len(lines) and (entry := _entry(lines[number]))}
    if len(found) < len(numbers):
        missing = min(number for number in numbers if number not in found)
        raise MismatchError(f"{name}: there is no file number {missing}", hint=_REBUILD)
    return found


def files_with_digest(text: bytes, digits: str) -> list[tuple[str, str]]:
    """The (path, hexadecimal SHA-256) pairs whose digests start with the digits, in the order of the paths' bytes."""
    wanted, found = digits.encode("ascii"), []
    at = text.find(wanted)
    while at >= 0:
        start = at - text.startswith(b"\\", at - 1) if at else 0
        if start == 0 or text.startswith(b"\n", start - 1):
            end = text.find(b"\n", at)
            if entry := _entry(text[start:end]):
                found.append(entry)
        at = text.find(wanted, at + 1)
    return found


def tree_digest(files: Iterable[tuple[str, str]]) -> str:
    """The hexadecimal SHA-256 that names the whole tree: that of its SHA256SUMS."""
    return hashlib.sha256(write_sums(files)).hexdigest()


def sorted_by_path(files: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The files in the order in which they are numbered: by the bytes of their paths."""
    given = list(files)
    if "".join([path for path, _ in given]).isascii():  # whose order is that of its bytes
        return sorted(given, key=itemgetter(0))
    return sorted(given, key=lambda file: path_bytes(file[0]))


def path_bytes(path: str) -> bytes:
    """A path as the file system holds it, also where it is not UTF-8."""
    return path.encode("utf-8", "surrogateescape")


def _line(path: str, digest: str) -> bytes:
    name = path_bytes(path)
    escaped = re.sub(rb"[\\\n\r]", lambda match: _ESCAPES[match[0]], name)
    mark = b"\\" if escaped != name else b""
    return b"%s%s  %s\n" % (mark, digest.encode("ascii"), escaped)


def _entry(line: bytes) -> tuple[str, str] | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    mark, digest, name = match.groups()
    if mark:
        name = re.sub(rb"\\.?", lambda each: _ESCAPED.get(each[0], each[0]), name, flags=re.DOTALL)
    return name.decode("utf-8", "surrogateescape"), digest.decode("ascii")
