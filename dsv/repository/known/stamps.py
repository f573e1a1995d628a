"""What the index of a repository was made from, as a text to compare: where it looked, and git's references."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from dsv.adapters.index import SCHEMA

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


def references_of(repository: Repository) -> str:
    """Git's references, and what each points at."""
    return repository.git.references().decode("utf-8", "backslashreplace")


def stamp_of(repository: Repository, references: str) -> str:
    """A text that is the same as long as no reference moved and the index would be made in the same way."""
    return stamp_with(repository, digest(references))


def stamp_with(repository: Repository, contents: str, *, beside: str = "") -> str:
    """The same with a digest of the contents that somebody else took; and with what else decides where to look."""
    place = f"{SCHEMA}\n{repository.layout.manifests}\n{repository.layout.prefix}\n"
    return f"{digest(f'{place}{beside}')}-{contents}"


def comparable(stamp: str, other: str | None) -> bool:
    """Whether both looked at the same place in the same way, so that only git's references can differ."""
    return other is not None and stamp.partition("-")[0] == other.partition("-")[0]


def digest(text: str) -> str:
    """A digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
