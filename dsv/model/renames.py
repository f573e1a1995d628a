"""Which names belong to one dataset: those that it has, or had before it was renamed.

Both directories tell of a rename: an event in that of the old name says what it became (`data: {to: NEW}`), one in
that of the new name what it was (`data: {from: OLD}`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dsv.model.name import is_name
from dsv.model.standing import Happening, PastEvent


class Renames:
    """What the events of several directories, by the dataset's name that each has, tell of its other names."""

    def __init__(self, events: Mapping[str, Sequence[PastEvent]]) -> None:
        self._events = events

    def present(self, name: str) -> str:
        """What the dataset of this name is called today."""
        return self._since(name)[-1]

    def line(self, name: str) -> list[str]:
        """The names of the dataset: today's first, then those it had before."""
        names = self._since(name)[::-1]
        for each in names:
            names += [other for other in self._told(each, "from") if other not in names]
        return names

    def _since(self, name: str) -> list[str]:
        """The name itself, and those that the dataset got after it."""
        names = [name]
        while (later := self._told(names[-1], "to")) and later[-1] not in names:
            names.append(later[-1])
        return names

    def _told(self, name: str, key: str) -> list[str]:
        """The names that rename events give, the first told first."""
        renames = [each for each in self._events.get(name, ()) if each.event == Happening.RENAME.value]
        renames.sort(key=lambda each: (each.at, each.file))
        return [each.data[key] for each in renames if is_name(str(each.data.get(key, "")))]
