"""What people say of a version that is to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Facts:
    """What people say about a version; `sources` are `[REPOSITORY::]REF[:RELATION]` texts.

    `notes` are on these: one for all, or one for each. `waived` is check -> reason.
    """

    summary: str = ""
    tags: Sequence[str] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    sources: Sequence[str] = ()
    produced_by: str = ""
    waived: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
