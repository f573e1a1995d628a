"""Stamps in directories of models."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.errors import BadManifestError, NoPathError, UsageError
from dsv.model.documents import plain
from dsv.model.run import UsedVersion, together
from dsv.model.stamp import STAMP, Stamp, dump_stamp, load_stamp, new_stamp
from dsv.repository.clock import now
from dsv.repository.files import read_text, write_bytes


@dataclass(frozen=True)
class Stamped:
    """A stamp that is now in a file, and the one that was there before."""

    stamp: Stamp
    file: str
    before: Stamp | None

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        told = plain(self.stamp)
        del told["schema"]
        return {**told, "file": self.file, "replaced": None if self.before is None else _names(self.before)}


def write_stamp(directory: str, versions: Sequence[UsedVersion], *, run: str | None) -> Stamped:
    """The directory stamped with these versions, the first being the main one; an earlier stamp is replaced.

    Errors: UsageError without a version, NoPathError where no directory is; BadManifestError where a file that is no
    stamp has its name.
    """
    if not versions:
        raise UsageError("a stamp names the versions that a model was made from", hint="dsv stamp DIR leases@1.1.0")
    if not os.path.isdir(directory):
        is_there = os.path.exists(directory)
        raise NoPathError(
            f"{directory} is a file" if is_there else f"there is no directory {directory}",
            hint="a stamp lies beside the model: name the directory" if is_there else "save the model first",
        )
    file = os.path.join(directory, STAMP)
    before = _earlier(file)
    main = versions[0]
    joined = together(versions)
    first = [each for each in joined if each.reference == main.reference]
    stamp = new_stamp([*first, *(each for each in joined if each not in first)], at=now(), run=run)
    write_bytes(os.path.abspath(file), dump_stamp(stamp))
    return Stamped(stamp, file, before)


def read_stamp(directory: str) -> Stamp:
    """The stamp of a directory, or in a file; NoPathError where there is none, BadManifestError for what is none."""
    file = os.path.join(directory, STAMP) if os.path.isdir(directory) else directory
    content = read_text(file, shown=file)
    if content is None:
        hint = (
            f"dsv stamp {directory} REF writes one" if os.path.isdir(directory) else "name the directory of the model"
        )
        raise NoPathError(f"there is no stamp {file}", hint=hint)
    return load_stamp(content, file=file)


def _earlier(file: str) -> Stamp | None:
    content = read_text(file, shown=file)
    if content is None:
        return None
    try:
        return load_stamp(content, file=file)
    except BadManifestError as error:
        raise BadManifestError(f"{file} is there and no stamp, so it stays", hint="take it away") from error


def _names(stamp: Stamp) -> list[str]:
    return [each.reference for each in stamp.datasets]
