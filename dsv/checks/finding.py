"""What a check says about one thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Status(Enum):
    """How a check came out."""

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """The outcome of one check; `value` is what was found where `limit` was asked for."""

    check: str
    status: Status
    message: str
    dataset: str | None = None
    version: str | None = None
    value: Any = None
    limit: Any = None
    file: str | None = None
    line: int | None = None

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "check": self.check,
            "dataset": self.dataset,
            "version": self.version,
            "status": self.status.value,
            "value": self.value,
            "limit": self.limit,
            "message": self.message,
            "file": self.file,
            "line": self.line,
        }
