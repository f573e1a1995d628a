"""The counts of a comparison part by part: by split, by file, and of a part that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from dsv.model.change import changed_share


@dataclass(frozen=True)
class PartCounts:
    """The records of one part: how many it had and has, and how many of those are in which class.

    A record that changed, moved or stayed counts in the part where it was and in the part where it is, once in each.
    """

    old: int = 0
    new: int = 0
    added: int = 0
    removed: int = 0
    modified: int = 0
    moved: int = 0
    unchanged: int = 0

    @property
    def changed(self) -> int:
        """How many records differ."""
        return self.added + self.removed + self.modified + self.moved

    def share(self, *, keyed: bool) -> Fraction:
        """The changed share of the part's old records, by the rule that holds for the whole."""
        return changed_share(
            old=self.old,
            added=self.added,
            removed=self.removed,
            modified=self.modified,
            moved=self.moved,
            keyed=keyed,
        )

    def document(self) -> dict[str, int]:
        """The counts, as reports give them."""
        return {
            "old": self.old,
            "new": self.new,
            "added": self.added,
            "removed": self.removed,
            "modified": self.modified,
            "moved": self.moved,
            "unchanged": self.unchanged,
        }


@dataclass(frozen=True)
class SplitCounts:
    """The counts of a split; the name is None for the files that belong to none."""

    split: str | None
    counts: PartCounts

    def document(self) -> dict[str, str | int | None]:
        """As `--json` prints it."""
        return {"split": self.split, **self.counts.document()}


@dataclass(frozen=True)
class FileCounts:
    """How many records of a file changed."""

    path: str
    added: int = 0
    removed: int = 0
    modified: int = 0
    moved: int = 0

    @property
    def changed(self) -> int:
        """How many records differ."""
        return self.added + self.removed + self.modified + self.moved

    def document(self) -> dict[str, str | int]:
        """As `--json` prints it."""
        return {
            "file": self.path,
            "added": self.added,
            "removed": self.removed,
            "modified": self.modified,
            "moved": self.moved,
        }


@dataclass(frozen=True)
class Breakdown:
    """Splits in the order of their names, the unnamed rest last; files with changed records, most changed first.

    `whole` are the counts of all that was looked at.
    """

    whole: PartCounts
    splits: tuple[SplitCounts, ...] = ()
    files: tuple[FileCounts, ...] = ()
