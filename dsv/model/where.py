"""The part of a dataset that a comparison is looked at in: a split, files by a glob, or both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dsv.errors import BadNameError, UsageError
from dsv.model.glob import glob_pattern
from dsv.model.name import check_name
from dsv.model.problems import shown


@dataclass(frozen=True)
class Where:
    """Records of this split, in files that this glob matches; None restricts nothing."""

    split: str | None = None
    file: str | None = None
    _pattern: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pattern", None if self.file is None else glob_pattern(self.file))

    def holds(self, path: str, split: str | None) -> bool:
        """Whether a file that belongs to the split is in this part."""
        if self.split is not None and split != self.split:
            return False
        return self._pattern is None or self._pattern.fullmatch(path) is not None

    def document(self) -> dict[str, str]:
        """As `--json` prints it: what was asked for."""
        asked = {"split": self.split, "file": self.file}
        return {name: value for name, value in asked.items() if value is not None}

    def __str__(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.document().items())


def parse_where(texts: Sequence[str]) -> Where | None:
    """`split=NAME` and `file=GLOB` texts as one value, None without any; UsageError for what is neither."""
    found: dict[str, str] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in {"split", "file"} or not value:
            raise UsageError(
                f"--where {shown(text)} is neither split=NAME nor file=GLOB",
                hint="for instance --where split=test, or --where 'file=part-*.jsonl'",
            )
        if name in found:
            raise UsageError(f"--where {name}= stands twice", hint="give it once; a glob may match several files")
        found[name] = value
        _check(name, value)
    return Where(**found) if found else None


def _check(name: str, value: str) -> None:
    try:
        if name == "split":
            check_name(value, what="split name")
        else:
            glob_pattern(value)
    except (BadNameError, ValueError) as error:
        raise UsageError(f"--where {name}={shown(value)}: {error}", hint="correct it") from None
