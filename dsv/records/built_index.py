"""What there is to say of a record index without opening it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BuiltIndex:
    """What was written: hexadecimal digests, and how many records, and opaque files beside them, there are.

    `opaque` is None where no opaque files stand beside records.
    """

    tree_digest: str
    records_digest: str
    records: int
    opaque: int | None
    keyed: bool
