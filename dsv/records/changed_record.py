"""One changed record to look at, with all that a report says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.records.field_diff import Difference, FieldChange, field_diff
from dsv.records.outline import Outline, outline
from dsv.records.pairing import similarity
from dsv.records.present import presentable, short_text

SIMILAR = "similar"
"""The kind of two records, one removed and one added, that are shown as one because they have much in common."""

_LEAST_LIKENESS = 0.5
_MOST_COMPARED = 50


@dataclass(frozen=True)
class RecordPlace:
    """Where a record is: the path of its file, its row from 1, and the split of the file."""

    file: str
    row: int
    split: str | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.row}"


@dataclass(frozen=True)
class RecordExample:
    """One changed record; `old` and `new` are its values (None where it was not), file and row those of the newer.

    `kind` is modified, added, removed or moved; `field` for a single field that explains a reason; SIMILAR only where
    `for_reading` made it. `before` and `after` are its places, None where it was not.
    """

    kind: str
    key: Sequence[Any] | None
    old: Any
    new: Any
    before: RecordPlace | None
    after: RecordPlace | None
    changes: tuple[Difference, ...] = ()

    @property
    def place(self) -> RecordPlace:
        """The newer place."""
        place = self.after or self.before
        if place is None:
            raise ValueError("a record is somewhere")
        return place

    @property
    def file(self) -> str:
        """The path of the file it is in, or was in."""
        return self.place.file

    @property
    def row(self) -> int:
        """Its row in that file, from 1."""
        return self.place.row

    @property
    def key_text(self) -> str:
        """The key as people read it."""
        return "" if self.key is None else ", ".join(short_text(part) for part in self.key)

    @property
    def title(self) -> str:
        """The class in words."""
        return {SIMILAR: "removed and added, similar", "field": "record"}.get(self.kind, self.kind)

    @property
    def where(self) -> str:
        """The place; for a record that is elsewhere now also where it was, and from which split to which it went."""
        before, after = self.before, self.after
        if before is None or after is None or before == after:
            return str(self.place)
        places = str(after) if str(before) == str(after) else f"{before} -> {after}"
        if before.split == after.split:
            return places
        return f"{places} ({before.split or 'no split'} to {after.split or 'no split'})"

    @property
    def outline(self) -> Outline:
        """The record at a glance: the newer form of it."""
        return outline(self.old if self.after is None else self.new)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "kind": self.kind,
            "key": None if self.key is None else list(self.key),
            "old": self.old,
            "new": self.new,
            "file": self.file,
            "row": self.row,
            "old_file": None if self.before is None else self.before.file,
            "old_row": None if self.before is None else self.before.row,
            "changes": [each.document() for each in self.changes if isinstance(each, FieldChange)],
        }


def changed_record(
    kind: str,
    *,
    key: Sequence[Any] | None,
    old: Any,
    new: Any,
    before: RecordPlace | None,
    after: RecordPlace | None,
) -> RecordExample:
    """The example of a record, from its values as a format reads them."""
    compared = kind == "field" or (kind == "modified" and before is not None and after is not None)
    return RecordExample(
        kind,
        None if key is None else [presentable(part) for part in key],
        presentable(old),
        presentable(new),
        before,
        after,
        changes=field_diff(old, new) if compared else (),
    )


def for_reading(examples: Sequence[RecordExample]) -> list[RecordExample]:
    """The examples as a person wants them: without a key, an edited record as one example rather than as two.

    A removed and an added record of the same file pair when half of them is the same. That is a guess, and says so.
    """
    added = [each for each in examples if each.kind == "added" and each.key is None]
    removed = [each for each in examples if each.kind == "removed" and each.key is None]
    partner: dict[int, RecordExample] = {}
    taken: set[int] = set()
    for old in removed[:_MOST_COMPARED]:
        free = [each for each in added[:_MOST_COMPARED] if id(each) not in taken and each.file == old.file]
        best = max(free, key=lambda new: (_likeness(old, new), -abs(new.row - old.row)), default=None)
        if best is not None and _likeness(old, best) >= _LEAST_LIKENESS:
            together = RecordExample(
                SIMILAR, None, old.old, best.new, old.before, best.after, changes=field_diff(old.old, best.new)
            )
            if together.changes:
                taken |= {id(old), id(best)}
                partner[id(best)] = together
    return [partner.get(id(each), each) for each in examples if id(each) not in taken or id(each) in partner]


def _likeness(old: RecordExample, new: RecordExample) -> float:
    return similarity(old.old, new.new)
