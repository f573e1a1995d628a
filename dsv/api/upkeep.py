"""What the Python twin does to keep a repository in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from dsv.operations.doctor import Diagnosis
    from dsv.operations.gc import Collected
    from dsv.operations.merge import Merges
    from dsv.repository import Repository


@dataclass(frozen=True)
class Upkeep:
    """Merges, repairs and the collection of what nothing needs; the methods are those of `dsv.api.Repo`."""

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

    def gc(
        self,
        action: Literal["show", "apply", "restore", "empty"] = "show",
        *,
        remote: str = "",
        sole_owner: bool = False,
        older_than: float | None = None,
        accept_lost: bool = False,
    ) -> Collected:
        """What nothing needs any more, in DVC's cache or on a remote, and what was done about it; `show` does nothing.

        `older_than` are days. Errors: those of `dsv gc`, which refuses where what is needed cannot be known.
        """
        from dsv.operations.gc import Action, Collecting, Owner, gc, restore_trash
        from dsv.repository.kept_objects import Lost

        chosen = Action(action)
        if chosen is Action.RESTORE:
            return restore_trash(self.repository, remote=remote)
        owner = Owner.ALONE if sole_owner else Owner.UNKNOWN
        lost = Lost.ACCEPTED if accept_lost else Lost.REFUSED
        return gc(self.repository, Collecting(chosen, remote, owner, older_than, lost))
