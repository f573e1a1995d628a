"""The files of a version where a registry says that they are, and whether they are still what it says."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dsv.errors import DiskError, MismatchError, NoPathError
from dsv.model.progress import Advance, Progress, summed, unseen
from dsv.repository.contents.walk import WalkedFile, walk

_BLOCK = 1 << 20


@dataclass(frozen=True)
class StoredFiles:
    """Files of a version, with the SHA-256 that each had when all of them were found to be the registry's."""

    files: Sequence[WalkedFile]
    digests: Mapping[str, str]


def placed(place: str, moved: Mapping[str, str]) -> str:
    """Where files are today that were at the place: `moved` says what the longest beginning of it became."""
    beginning = max((each for each in moved if place.startswith(each)), key=len, default=None)
    found = place if beginning is None else moved[beginning] + place[len(beginning) :]
    return found.removeprefix("file://")


def stored_files(place: str, checksum: str, *, progress: Progress = unseen) -> StoredFiles:
    """The files at the place, a file or a directory.

    Errors: NoPathError where there is nothing, UnsupportedFileError for what cannot be versioned, MismatchError where
    the checksum is not theirs: the SHA-256 of the file or, of a directory, of its files one after the other.
    """
    if "://" in place:
        raise NoPathError(f"{place} is not read", hint="copy it here, and say --map OLD=NEW")
    if not place:
        raise NoPathError("the registry does not say where its files are", hint="add them with dsv add")
    files = walk(os.path.realpath(place), shown=place)
    if not files:
        raise NoPathError(f"{place} holds no file", hint="bring the files back, or say --map OLD=NEW")
    # as pathlib sorts: by the parts of the path
    files.sort(key=lambda file: file.path.split("/"))
    advance = summed(progress, f"checking {os.path.basename(place)}", total=sum(file.size for file in files))
    whole, digests = _digests(files, advance)
    if checksum and whole != checksum:
        raise MismatchError(
            f"{place} is not what the registry released: its SHA-256 is {whole[:12]}, not {checksum[:12]}",
            hint="bring the files of then back, or release these with dsv add or dsv bump",
            details={"expected": checksum, "actual": whole},
        )
    return StoredFiles(files, digests)


def _digests(files: Sequence[WalkedFile], advance: Advance) -> tuple[str, dict[str, str]]:
    """The SHA-256 of all files one after the other, and that of each."""
    whole = hashlib.sha256()
    each = {}
    for file in files:
        digest = hashlib.sha256()
        try:
            with open(file.source, "rb") as stream:
                while block := stream.read(_BLOCK):
                    whole.update(block)
                    digest.update(block)
                    advance(len(block))
        except OSError as error:
            raise DiskError(f"{file.source} cannot be read: {error.strerror}", hint="look at its permissions") from None
        each[file.path] = digest.hexdigest()
    return whole.hexdigest(), each
