"""What differs between two versions of a dataset: records, files and fields, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from dsv.model.fields import FieldsChange


def changed_share(*, old: int, added: int, removed: int, modified: int, moved: int, keyed: bool) -> Fraction:
    """The changed share of so many old records, exact.

    Without a key an edited record is one removed and one added, so the two count as the larger of them.
    """
    come_and_gone = added + removed if keyed else max(added, removed)
    return Fraction(come_and_gone + modified + moved, max(old, 1))


@dataclass(frozen=True)
class RecordCounts:
    """How many records fall into each class; every record is in exactly one.

    old = unchanged + moved + modified + removed, new = unchanged + moved + modified + added.
    """

    added: int = 0
    removed: int = 0
    modified: int = 0
    moved: int = 0
    unchanged: int = 0

    @property
    def old(self) -> int:
        """The number of records before."""
        return self.unchanged + self.moved + self.modified + self.removed

    @property
    def new(self) -> int:
        """The number of records after."""
        return self.unchanged + self.moved + self.modified + self.added

    def share(self, *, keyed: bool) -> Fraction:
        """The changed share of the old records, exact."""
        return changed_share(
            old=self.old,
            added=self.added,
            removed=self.removed,
            modified=self.modified,
            moved=self.moved,
            keyed=keyed,
        )


@dataclass(frozen=True)
class FilesChange:
    """Which files differ, as relative paths in byte order; a renamed file (same bytes) is in no other class."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    unchanged: int = 0

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.modified or self.renamed)

    def document(self) -> dict[str, int]:
        """The counts, as reports give them."""
        return {
            "added": len(self.added),
            "removed": len(self.removed),
            "modified": len(self.modified),
            "renamed": len(self.renamed),
            "unchanged": self.unchanged,
        }


@dataclass(frozen=True)
class Change:
    """The whole difference, as the bump policy looks at it.

    `opaque` counts files without a reader where the dataset has readable records beside them.
    `old_fields_rare` names fields, and (field, type) pairs, that too few old records carried to break a user.
    """

    records: RecordCounts
    files: FilesChange = field(default_factory=FilesChange)
    fields: FieldsChange = field(default_factory=FieldsChange)
    opaque: RecordCounts | None = None
    keyed: bool = False
    key_changed: bool = False
    declarations_changed: bool = False
    rare: frozenset[str | tuple[str, str]] = frozenset()

    @property
    def share(self) -> Fraction:
        """The changed share that thresholds are held against: of records, or of opaque files if larger."""
        share = self.records.share(keyed=self.keyed)
        return share if self.opaque is None else max(share, self.opaque.share(keyed=False))

    def records_document(self) -> dict[str, int | float]:
        """The counts of records with the changed share in six decimals, as reports give them."""
        records = self.records
        return {
            "added": records.added,
            "removed": records.removed,
            "modified": records.modified,
            "moved": records.moved,
            "unchanged": records.unchanged,
            "changed_share": float(round(self.share, 6)),
        }

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to release: same bytes in the same places, read in the same way."""
        return not (self.files.any or self.key_changed or self.declarations_changed)
