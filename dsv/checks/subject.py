"""One manifest as the checks see it: its text now and earlier, those beside it, and what git says about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dsv.model.finding import Check, Finding, Status
from dsv.model.manifest import Manifest
from dsv.model.version import Version


@dataclass(frozen=True)
class Release:
    """The release tag of a version: what its tree holds as the manifest, and the tree digest its message names."""

    tag: str
    annotated: bool
    manifest: bytes | None
    tree: str | None


@dataclass(frozen=True)
class Subject:
    """One manifest to look at: its file and text now, and its earlier texts by the place that holds them.

    What such a place is called ends with the revision, as git takes it. `siblings` are the other manifests of the
    dataset; `index_pointer` is the md5 in the pointer to its index. A clone that was made without tags has none to be
    held against.
    """

    file: str
    dataset: str
    version: Version
    text: bytes | None
    earlier: Mapping[str, bytes]
    siblings: Mapping[Version, Manifest]
    release: Release | None = None
    index_pointer: str | None = None
    has_tags: bool = True

    def finding(
        self,
        check: Check,
        status: Status,
        message: str,
        *,
        key: str = "",
        value: object = None,
        limit: object = None,
        content: tuple[str, ...] = (),
        remedy: str = "",
    ) -> Finding:
        """A finding about this manifest, at the line of the key."""
        line = _line_of(self.text or b"", key)
        return Finding(
            check,
            status,
            message,
            dataset=self.dataset,
            version=str(self.version),
            value=value,
            limit=limit,
            file=self.file,
            line=line,
            content=content,
            remedy=remedy,
        )


def _line_of(text: bytes, key: str) -> int:
    found = re.search(rb"(?m)^" + re.escape(key.encode()) + rb":", text) if key else None
    return 1 if found is None else text.count(b"\n", 0, found.start()) + 1
