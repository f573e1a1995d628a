"""The `.dir` object: which files a directory holds, in the very bytes that DVC writes."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from dsv.adapters.dvc.disk import disk_error
from dsv.errors import MismatchError, MissingDataError, OutsideError, UnsupportedFileError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsv.adapters.dvc.cache import Cache

_MD5 = re.compile(r"[0-9a-f]{32}")
# git, DVC and Mercurial act on what lies in directories of these names, also as other systems spell them; a listing
# that brings one is not data.
_ACTED_ON = re.compile(r"(?i)(?:^|[/\\])(?:\.git|git~1|\.dvc|\.hg)[ .]*(?:[/\\:]|$)")
_IGNORED_BY_MACS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_LONGEST = 4096
_SHOWN = 100
LARGEST = 256 << 20
"""Bytes of the largest list of files that is read, of some three million."""

Entry = tuple[str, str]
"""A file of a directory: its path in it, parts joined by "/", and its md5 in hex."""


@dataclass(frozen=True, slots=True)
class DirectoryObject:
    """The object's name in the cache, `<md5>.dir`, and its bytes."""

    oid: str
    data: bytes


class _Item(msgspec.Struct, gc=False):
    """What the list says of one file; other members are passed over."""

    md5: str
    relpath: str


def directory_object(entries: Iterable[Entry]) -> DirectoryObject:
    """The object that names these files, whatever order they come in."""
    ordered = sorted(entries)
    if _stands_as_it_is("".join([text for entry in ordered for text in entry])):
        listed = ", ".join([f'{{"md5": "{md5}", "relpath": "{path}"}}' for path, md5 in ordered])
        data = f"[{listed}]".encode("ascii")
    else:
        _refuse_names_dvc_cannot_keep(ordered)
        listing = [{"md5": md5, "relpath": path} for path, md5 in ordered]
        data = json.dumps(listing, sort_keys=True).encode("ascii")
    return DirectoryObject(f"{_md5(data)}.dir", data)


def read_directory_object(cache: Cache, oid: str) -> list[Entry]:
    """The files that the object in the cache names, sorted by path.

    MissingDataError where the object is not there, MismatchError where its bytes are not those its
    name promises, OutsideError where it names files that no dataset can hold.
    """
    try:
        with open(cache.path_of(oid), "rb") as stream:
            refuse_large(os.fstat(stream.fileno()).st_size, oid=oid)
            data = stream.read()
    except FileNotFoundError:
        raise MissingDataError(
            f"object {oid}, the list of a version's files, is not in the cache",
            hint="dsv fetch NAME@VERSION brings it",
            details={"object": oid, "missing": 1},
        ) from None
    except OSError as error:
        raise disk_error(error, doing=f"reading object {oid}") from error
    return parse_directory_object(data, oid=oid)


def parse_directory_object(data: bytes, *, oid: str) -> list[Entry]:
    """The files that the bytes name, sorted by path, when they are the object `oid`."""
    actual = f"{_md5(data)}.dir"
    if actual != oid:
        raise MismatchError(
            f"object {oid} has the bytes of {actual}",
            hint="dsv verify --deep --repair NAME@VERSION takes good bytes from another place",
            details={"object": oid, "expected": oid, "actual": actual},
        )
    entries = sorted(_entries(data, oid=oid))
    _refuse_hostile(entries, oid=oid)
    return entries


def refuse_large(size: int, *, oid: str) -> None:
    """MismatchError for a list of files of this many bytes, when it is too large to be read."""
    if size > LARGEST:
        raise MismatchError(
            f"object {oid}, the list of a version's files, has {size:,} bytes; at most {LARGEST:,} are read",
            hint="find out who released it; do not use this version",
            details={"object": oid, "size": size},
        )


def _entries(data: bytes, *, oid: str) -> list[Entry]:
    # Decoded as what it is to be: what is something else ends at its first byte that is, and is not built in memory.
    try:
        entries = [(item.relpath, item.md5) for item in msgspec.json.decode(data, type=list[_Item])]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        entries = None
    if entries is None or not all(_MD5.fullmatch(md5) for _, md5 in entries):
        raise MismatchError(
            f"object {oid} is not a list of files",
            hint="it was not written by DVC; find out who released it",
            details={"object": oid},
        )
    return entries


def _refuse_hostile(entries: list[Entry], *, oid: str) -> None:
    """OutsideError for paths that no dataset can hold; the entries are in the order of their paths."""
    problem = next((found for path, _ in entries if (found := _problem(path))), None)
    # With "/" before any other character, what lies in a directory follows it at once.
    ordered = sorted(path.replace("/", "\0") for path, _ in entries)
    for path, following in pairwise(ordered):
        if path == following:
            problem = problem or f"the path {path.replace(chr(0), '/')!a} twice"
        elif following.startswith(f"{path}\0"):
            problem = problem or f"{path.replace(chr(0), '/')!a} as a file and as a directory"
    if problem:
        raise OutsideError(
            f"object {oid} names {problem}",
            hint="no dataset holds such files; do not use this version, and find out who released it",
            details={"object": oid},
        )


def _problem(path: str) -> str | None:
    if "\0" in path or not {"", ".", ".."}.isdisjoint(path.split("/")):
        return f"the path {path[:_SHOWN]!a}"
    if _ACTED_ON.search(path if path.isascii() else _IGNORED_BY_MACS.sub("", path)):
        return f"the path {path[:_SHOWN]!a}, which git or DVC would act on"
    if not _is_utf8(path):
        return f"the path {path[:_SHOWN]!a}, which is not UTF-8"
    if len(path) > _LONGEST:
        return f"a path of {len(path):,} characters"
    return None


def _stands_as_it_is(text: str) -> bool:
    """Whether JSON writes the text as it is, without an escape."""
    return text.isascii() and text.isprintable() and '"' not in text and "\\" not in text


def _refuse_names_dvc_cannot_keep(entries: Iterable[Entry]) -> None:
    for path, _ in entries:
        if not _is_utf8(path):
            shown = ascii(path)
            raise UnsupportedFileError(
                f"{shown}: the name is not UTF-8", hint="rename the file", details={"path": shown}
            )


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
