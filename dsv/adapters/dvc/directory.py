"""The `.dir` object: which files a directory holds, in the very bytes that DVC writes."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters.dvc.disk import disk_error
from dsv.errors import MismatchError, MissingDataError, OutsideError, UnsupportedFileError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsv.adapters.dvc.cache import Cache

_MD5 = re.compile(r"[0-9a-f]{32}")
# git and DVC act on what lies in directories of these names; a listing that brings one is not data.
_ACTED_ON = frozenset({".git", ".dvc"})

Entry = tuple[str, str]
"""A file of a directory: its path in it, parts joined by "/", and its md5 in hex."""


@dataclass(frozen=True, slots=True)
class DirectoryObject:
    """The object's name in the cache, `<md5>.dir`, and its bytes."""

    oid: str
    data: bytes


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
    entries = _entries(data, oid=oid)
    _refuse_hostile(entries, oid=oid)
    return sorted(entries)


def _entries(data: bytes, *, oid: str) -> list[Entry]:
    try:
        listing = json.loads(data)
        entries = [(item["relpath"], item["md5"]) for item in listing]
        named = all(isinstance(path, str) and _MD5.fullmatch(md5) for path, md5 in entries)
        usable = named and isinstance(listing, list)
    except (ValueError, TypeError, KeyError, RecursionError):
        usable = False
    if not usable:
        raise MismatchError(
            f"object {oid} is not a list of files",
            hint="it was not written by DVC; find out who released it",
            details={"object": oid},
        )
    return entries


def _refuse_hostile(entries: list[Entry], *, oid: str) -> None:
    paths = {path for path, _ in entries}
    problem = "a path twice" if len(paths) != len(entries) else None
    directories: set[str] = set()
    for path in paths:
        parts = path.split("/")
        if "\0" in path or not {"", ".", ".."}.isdisjoint(parts):
            problem = f"the path {path!a}"
        elif not _ACTED_ON.isdisjoint(part.lower() for part in parts):
            problem = f"the path {path!a}, which git or DVC would act on"
        if len(parts) > 1:
            directories.update("/".join(parts[:depth]) for depth in range(1, len(parts)))
    if both := directories & paths:
        problem = f"{min(both)!a} as a file and as a directory"
    if problem:
        raise OutsideError(
            f"object {oid} names {problem}",
            hint="no dataset holds such files; do not use this version, and find out who released it",
            details={"object": oid},
        )


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
