"""How one check of a release came out, and where it found what it did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Result(Enum):
    """What came of a check; one that has nothing to compare with is VACUOUS."""

    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"
    VACUOUS = "vacuous"


@dataclass(frozen=True)
class Example:
    """A record that a check has something to say of: its file's path in the dataset, its row from 1, and what."""

    file: str
    row: int
    what: str = ""

    def document(self) -> dict[str, Any]:
        """As JSON and manifests write it."""
        return {"file": self.file, "row": self.row, "what": self.what}


@dataclass(frozen=True)
class Outcome:
    """What came of the check of that name; `message` says it in a line.

    `value` was found where `limit` was asked for, both as people write them. `count` is how many records it has
    something to say of, and `first` are the first of these.
    """

    check: str
    result: Result
    message: str
    value: str = ""
    limit: str = ""
    count: int = 0
    first: tuple[Example, ...] = ()
    reason: str = ""

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "check": self.check,
            "status": self.result.value,
            "message": self.message,
            "value": self.value,
            "limit": self.limit,
            "count": self.count,
            "first": [each.document() for each in self.first],
            **({"reason": self.reason} if self.reason else {}),
        }

    def finding(self) -> dict[str, Any]:
        """As the manifest keeps it of a check that was waived."""
        return {
            "check": self.check,
            "message": self.message,
            "value": self.value,
            "limit": self.limit,
            "count": self.count,
            "first": [each.document() for each in self.first],
        }
