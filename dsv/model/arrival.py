"""A version whose data, or record index, is here now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class VersionHere:
    """A version with the path of its data; files and bytes are those of what was brought."""

    reference: str
    path: str
    files: int
    bytes: int

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"ref": self.reference, "path": self.path, "files": self.files, "bytes": self.bytes}
