"""How the files of a dataset are read: the declarations on which its records depend.

Two versions with equal bytes but other declarations may hold other records, so these are written into
each manifest and compared when the next one is released.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dsv.model.csv_reading import CsvReading
from dsv.model.glob import glob_pattern

OPAQUE = "opaque"
"""The format of a file in which no records were read."""

RECOGNISED_SPLITS = frozenset({"train", "valid", "validation", "dev", "test", "eval"})
"""Split names that are seen without a declaration: as file stem, its first word, or a directory."""

_MAY_HOLD_SPLIT = re.compile("|".join(sorted(RECOGNISED_SPLITS)), re.IGNORECASE)
_DOCUMENTATION = re.compile(r"(?i)(?:\.[^/]*|(?:readme|licen[cs]e|notice|changelog|citation)(?:[._-][^/]*)?)")


@dataclass(frozen=True)
class Reading:
    """Format name (`auto` follows suffix and content), splits as (name, glob) pairs in their order, and more.

    `records` are (glob, member) pairs that say where in a JSON document the records are, `csv` how CSV is spelled.
    """

    format: str = "auto"
    splits: tuple[tuple[str, str], ...] = ()
    records: tuple[tuple[str, str], ...] = ()
    csv: CsvReading = field(default_factory=CsvReading)
    _patterns: tuple[tuple[str, re.Pattern[str]], ...] = field(init=False, repr=False, compare=False)
    _members: tuple[tuple[re.Pattern[str], str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        compiled = tuple((name, glob_pattern(glob)) for name, glob in self.splits)
        members = tuple((glob_pattern(glob), member) for glob, member in self.records)
        object.__setattr__(self, "_patterns", compiled)
        object.__setattr__(self, "_members", members)

    def member_of(self, path: str) -> str | None:
        """Where in a JSON document the records are, None where nothing says so; the first glob that fits counts."""
        return next((member for pattern, member in self._members if pattern.fullmatch(path)), None)

    def split_of(self, path: str) -> str | None:
        """The split a file belongs to, None for the unnamed rest; the path is relative, with slashes.

        Declared splits replace the recognised ones; of several that match, the first declared counts.
        """
        if self.splits:
            return next((name for name, pattern in self._patterns if pattern.fullmatch(path)), None)
        if _MAY_HOLD_SPLIT.search(path) is None:
            return None
        *directories, file = path.split("/")
        stem = file.lstrip(".").split(".", 1)[0].lower()
        first_word = re.split(r"[^a-z0-9]+", stem, maxsplit=1)[0]
        for word in (stem, first_word, *(directory.lower() for directory in reversed(directories))):
            if word in RECOGNISED_SPLITS:
                return word
        return None


def is_documentation(path: str) -> bool:
    """Whether a file without a reader is about the data rather than data (README, LICENSE, dot-files)."""
    return _DOCUMENTATION.fullmatch(path.rsplit("/", 1)[-1]) is not None
