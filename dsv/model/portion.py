"""A part of a version's files, as a person names it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsv.errors import UsageError
from dsv.model.glob import glob_pattern

if TYPE_CHECKING:
    from dsv.model.reading import Reading


@dataclass(frozen=True)
class Portion:
    """The files that one of the globs fits and that are in one of the splits; without globs, or splits, any.

    With `paths` only these.
    """

    globs: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    paths: frozenset[str] | None = None
    _patterns: tuple[re.Pattern[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_patterns", tuple(glob_pattern(glob) for glob in self.globs))

    @classmethod
    def parse(cls, *, globs: Iterable[str], splits: Iterable[str]) -> Portion:
        """The portion that the texts name; UsageError for a glob that cannot be one."""
        try:
            return cls(tuple(globs), tuple(splits))
        except ValueError as error:
            raise UsageError(f"--files: {error}", hint="for instance 'train*.jsonl' or 'images/**'") from None

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.globs and not self.splits and self.paths is None

    def takes(self, path: str, reading: Reading) -> bool:
        """Whether the file is meant; splits are those of the version's declarations, else those recognised."""
        if self.paths is not None and path not in self.paths:
            return False
        fits = not self.globs or any(pattern.fullmatch(path) for pattern in self._patterns)
        return fits and (not self.splits or reading.split_of(path) in self.splits)

    def __str__(self) -> str:
        parts = [*(f"--files {glob!a}" for glob in self.globs), *(f"--split {split}" for split in self.splits)]
        return " ".join([*parts, *(ascii(path)[1:-1] for path in sorted(self.paths or ()))])


ALL_FILES = Portion()
