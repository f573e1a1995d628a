"""What a version consists of: its files and those of its record index, as lists say that are whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import DsvError, MismatchError
from dsv.records import sums

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest

Read = Callable[[str], bytes | None]
"""Gives the bytes of an object by its name, None where they cannot be had whole."""


@dataclass(frozen=True)
class Listed:
    """The data of a version, or its record index: DVC's name of it, its path from the DVC root, its files by path.

    `files` are md5s; None where no list of them is at hand, or, with the reason in `refused`, none that can be used.
    """

    oid: str
    path: str
    files: Mapping[str, str] | None
    refused: str = ""

    @property
    def oids(self) -> list[str]:
        """Every object of it once, the list of a directory last."""
        top = [self.oid] if self.oid.endswith(".dir") else []
        return list(dict.fromkeys([*(self.files or {}).values(), *top]))

    def path_of(self, file: str) -> str:
        """The path of one of its files from the DVC root."""
        return f"{self.path}/{file}" if self.oid.endswith(".dir") else self.path


@dataclass(frozen=True)
class Contents:
    """Data and record index of a version, and the SHA-256 of each file of the data.

    `scores` are its dataset's files of scores, where it is the newest version: these belong to all of them.
    `listing` is the digest of SHA256SUMS, as manifests write it; None, and `sha256` too, where it is not at hand.
    """

    data: Listed
    index: Listed
    listing: str | None
    sha256: Mapping[str, str] | None
    scores: tuple[Listed, ...] = ()


def contents_of(manifest: Manifest, *, index_path: str, read: Read) -> Contents:
    """What the version consists of, as far as the lists can be read."""
    data = _listed(manifest.digests.dvc.removeprefix("md5:"), manifest.data.path, read=read)
    index = _listed(manifest.digests.index.removeprefix("md5:"), index_path, read=read)
    oid = (index.files or {}).get(sums.FILE_NAME)
    text = read(oid) if oid else None
    if text is None:
        return Contents(data, index, None, None)
    try:
        found = dict(sums.read_sums(text))
    except MismatchError:
        found = None
    return Contents(data, index, f"sha256:{hashlib.sha256(text).hexdigest()}", found)


def _listed(oid: str, path: str, *, read: Read) -> Listed:
    if not oid.endswith(".dir"):
        return Listed(oid, path, {os.path.basename(path): oid})
    content = read(oid)
    if content is None:
        return Listed(oid, path, None)
    try:
        return Listed(oid, path, dict(dvc.parse_directory_object(content, oid=oid)))
    except DsvError as error:
        return Listed(oid, path, None, error.message)
