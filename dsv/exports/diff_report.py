"""What a report of a comparison is made from, in whatever form it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dsv.model.breakdown import Breakdown, FileCounts, PartCounts
from dsv.model.change import Change
from dsv.model.field_profile import FieldComparison
from dsv.model.score_comparison import ScoreComparison
from dsv.model.version import Level
from dsv.records.changed_record import RecordExample

_CLASSES = ("added", "removed", "modified", "moved")


@dataclass(frozen=True)
class DiffReport:
    """Two states of a dataset, what differs, and the verdict on it.

    `old` and `new` are `NAME@X.Y.Z` or `NAME@work`; `follows` is the version that would follow the old one where the
    new state is not released. `where` says which part `breakdown` and `examples` are about, "" for all of it.
    `statistics` are those of the fields, where they were asked for; `quality` is what scorers say of both.
    """

    old: str
    new: str
    change: Change
    level: Level | None
    reasons: Sequence[str]
    follows: str
    size_difference: int
    breakdown: Breakdown
    where: str = ""
    examples: Sequence[RecordExample] = ()
    statistics: Sequence[FieldComparison] = ()
    quality: Sequence[ScoreComparison] = ()

    @property
    def verdict(self) -> str:
        """The level in words."""
        if self.level is None:
            return "no difference"
        return f"{self.level.word} change" + (f", {self.follows} would follow" if self.follows else "")


@dataclass(frozen=True)
class FileLine:
    """A file that differs, how (`+` added, `-` removed, `~` modified, `>` renamed), and its changed records.

    The sign is empty where the bytes are the same and only what the records are compared with differs.
    """

    sign: str
    text: str
    counts: FileCounts


def file_lines(report: DiffReport) -> list[FileLine]:
    """The files that differ: those with most changed records first, then the others by sign and path."""
    files = report.change.files
    signs = {path: ("+", path) for path in files.added}
    signs |= {path: ("-", path) for path in files.removed}
    signs |= {path: ("~", path) for path in files.modified}
    signs |= {new: (">", f"{old} -> {new}") for old, new in files.renamed}
    found = [FileLine(*signs.pop(each.path, ("", each.path)), each) for each in report.breakdown.files]
    if not report.where:
        found += [FileLine(sign, text, FileCounts(path)) for path, (sign, text) in signs.items()]
    return found


def columns(counts: Iterable[PartCounts | FileCounts]) -> list[str]:
    """The classes of which there is a record anywhere, so that a table has no empty columns."""
    several = list(counts)
    return [word for word in _CLASSES if any(getattr(each, word) for each in several)]


def cells(counts: PartCounts | FileCounts, words: Iterable[str]) -> list[str]:
    """The numbers of these classes as people read them; empty for none."""
    return [f"{getattr(counts, word):,}" if getattr(counts, word) else "" for word in words]
