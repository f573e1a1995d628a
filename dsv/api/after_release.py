"""What the Python twin does with datasets and versions that are released."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsv.operations.move import Moved
    from dsv.operations.rename import Renamed
    from dsv.operations.undo import Undone
    from dsv.repository import Repository
    from dsv.repository.known.events import Recorded


@dataclass(frozen=True)
class AfterRelease:
    """Life after release; the methods are those of `dsv.api.Repo`."""

    repository: Repository

    def deprecate(self, reference: str, *, reason: str) -> Recorded:
        """A version or, by its name alone, a dataset that whoever takes it is warned of."""
        return self._mark("deprecate", reference, reason)

    def yank(self, reference: str, *, reason: str) -> Recorded:
        """A version that only its exact number finds."""
        return self._mark("yank", reference, reason)

    def archive(self, name: str, *, reason: str) -> Recorded:
        """A dataset that lists leave out."""
        return self._mark("archive", name, reason)

    def remove(self, reference: str, *, reason: str) -> Recorded:
        """A version or a dataset that lists leave out and that only exact numbers find. No bytes are deleted."""
        return self._mark("remove", reference, reason)

    def restore(self, reference: str, *, reason: str = "") -> Recorded:
        """The last of these taken back."""
        return self._mark("restore", reference, reason)

    def _mark(self, word: str, reference: str, reason: str) -> Recorded:
        from dsv.model.standing import Happening
        from dsv.model.subject import parse_subject
        from dsv.operations.mark import mark

        return mark(self.repository, Happening(word), parse_subject(reference), reason=reason)

    def promote(self, reference: str, stage: str, *, reason: str = "") -> Recorded:
        """A stage that points to the version from now on."""
        from dsv.model.reference import parse_reference
        from dsv.operations.promote import promote

        return promote(self.repository, parse_reference(reference), stage, reason=reason)

    def demote(self, reference: str, stage: str, *, reason: str = "") -> Recorded:
        """A stage that points to no version any more."""
        from dsv.model.subject import parse_subject
        from dsv.operations.promote import demote

        return demote(self.repository, parse_subject(reference), stage, reason=reason)

    def move(self, name: str, path: str, *, reason: str = "") -> Moved:
        """The data of a dataset at another path, with everything that names it."""
        from dsv.operations.move import move

        return move(self.repository, name, path, reason=reason)

    def rename(self, old: str, new: str, *, reason: str = "") -> Renamed:
        """A dataset under another name; the old one finds it too."""
        from dsv.operations.rename import rename

        return rename(self.repository, old, new, reason=reason)

    def undo(self, reference: str) -> Undone:
        """The last release taken back, if nobody else has it; its data stays in the work tree."""
        from dsv.model.reference import parse_reference
        from dsv.operations.undo import undo

        return undo(self.repository, parse_reference(reference))
