"""What the Python twin does to keep a repository in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from dsv.operations.doctor import Diagnosis
    from dsv.operations.merge import Merges
    from dsv.repository import Repository


@dataclass(frozen=True)
class Upkeep:
    """Merges and repairs; the methods are those of `dsv.api.Repo`."""

    repository: Repository

    def doctor(self, *, fix: bool = False) -> Diagnosis:
        """What is wrong around the datasets, mended where that is asked for and dsv can; `.ok` without errors."""
        from dsv.operations.doctor import diagnose, mend

        return mend(self.repository) if fix else diagnose(self.repository)

    def merge(self, *names: str, favour: Literal["ours", "theirs"] | None = None) -> Merges:
        """The datasets that a git merge left undecided, merged, and their data in the working tree.

        With versions, as `leases@1.1.0`: what those changed, in the working tree too.
        """
        from dsv.model.reference import parse_reference
        from dsv.operations.merge import merge, merge_versions
        from dsv.records.three_way import Party

        party = None if favour is None else Party[favour.upper()]
        versions = [parse_reference(name) for name in names if "@" in name]
        if versions:
            return merge_versions(self.repository, *versions, favour=party)
        return merge(self.repository, *names, favour=party)
