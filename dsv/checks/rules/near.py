"""Records whose texts are much alike, by MinHash: in two splits, or in a version and in versions elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import msgspec

from dsv.checks.rules.measured import Measured, Vacuous
from dsv.checks.rules.overlaps import sides_of
from dsv.checks.rules.version import CheckedVersion
from dsv.model.rule import Quantity, Rule, Text
from dsv.records.inspection import Findings, Inspector
from dsv.records.minhash import FORM, SIMILARITY, Asked, NearIndex, texts_of


@dataclass(frozen=True)
class Near:
    """Records that are much like one of an index of texts, which lies in a file; `digest` is that of the file."""

    file: str
    digest: str
    field: str | None = None

    @property
    def identity(self) -> str:
        """Its words, and the index that is asked."""
        return f"near {FORM} {self.digest} {self.field!r}"

    def begin(self) -> Inspector:
        """An inspector."""
        asked, field = _opened(self.file), self.field

        def wrong(record: Any) -> str | None:
            found = asked.nearest(texts_of(record, field=field))
            return None if found is None else f"is {found[0]:.2f} like {found[1]} record {found[2]}"

        return Findings(wrong)


@lru_cache(maxsize=1)
def _opened(file: str) -> Asked:
    with open(file, "rb") as stream:
        return msgspec.msgpack.decode(stream.read(), type=NearIndex).opened()


def near_overlap(rule: Rule, version: CheckedVersion) -> Measured | Vacuous:
    """How many records of the first place are much like one of the second."""
    sides = sides_of(rule, version)
    if isinstance(sides, Measured | Vacuous):
        return sides
    field, similarity = rule.call.option("field"), rule.call.option("similarity")
    found = version.near(
        sides.left,
        sides.right,
        str(field.text if isinstance(field, Text) else field) if field is not None else None,
        float(similarity.value) if isinstance(similarity, Quantity) else SIMILARITY,
    )
    if found is None:
        return Vacuous(f"there is no {sides.right}")
    told = f"{found.count:,} of {sides.whole:,} {sides.who} are much like one in {sides.right}"
    return Measured(Fraction(found.count), told, sides.whole, found.count, lambda: found.first)
