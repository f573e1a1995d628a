"""What became of a dataset and its versions after their releases, as its events tell.

Events are taken by their time, then by the name of their file. `deprecate`, `yank`, `archive` and `remove` stand until
a `restore` of the same subject takes them back: the one that it names (`data: {event: yank}`), else the last. A stage
points to the version that was promoted last, until that one is demoted. Events of other kinds change nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from dsv.model.version import Version

_FILE = re.compile(r"[0-9]{8}T[0-9]{6}Z-([a-z][a-z0-9_-]*)-[0-9a-f]{8}\.yaml")


class Happening(Enum):
    """What can happen to a dataset or a version, the word being that of the event."""

    DEPRECATE = "deprecate"
    YANK = "yank"
    ARCHIVE = "archive"
    REMOVE = "remove"
    RESTORE = "restore"
    RENAME = "rename"
    MOVE = "move"
    PROMOTE = "promote"
    DEMOTE = "demote"
    SCORE = "score"
    RUN = "run"


class Status(Enum):
    """How a dataset or a version stands; the later in this list, the more it says."""

    ACTIVE = "active"
    DEPRECATED = "deprecated"
    """It is found as ever, with a warning."""
    ARCHIVED = "archived"
    """Lists leave the dataset out; it is found as ever."""
    YANKED = "yanked"
    """It is found only when it is named exactly."""
    REMOVED = "removed"
    """Both of these."""

    @property
    def withdrawn(self) -> bool:
        """Whether it is found only when it is named exactly."""
        return self in (Status.YANKED, Status.REMOVED)


UNLISTED = frozenset({Status.ARCHIVED, Status.REMOVED})
"""What lists leave out."""

GIVES = {
    Happening.DEPRECATE: Status.DEPRECATED,
    Happening.ARCHIVE: Status.ARCHIVED,
    Happening.YANK: Status.YANKED,
    Happening.REMOVE: Status.REMOVED,
}
"""The events that stand until they are taken back, and the status that each gives."""

COUNTING = frozenset(each.value for each in Happening) - {"score", "run"}
"""The kinds of events that change what is found, under which name, or where; the words of `Happening`."""

_RANK = {status: rank for rank, status in enumerate(Status)}


@dataclass(frozen=True)
class Occurrence:
    """Something that happened to a version; `version` is None for the whole dataset."""

    event: str
    dataset: str
    version: Version | None
    at: str
    by: str | None = None
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """`NAME@X.Y.Z`, or the name of the dataset."""
        return self.dataset if self.version is None else f"{self.dataset}@{self.version}"

    @property
    def told(self) -> str:
        """Why, by whom and when, in a few words."""
        signed = ", ".join(each for each in ((self.by or "").partition(" <")[0], self.at[:10]) if each)
        return f"{' '.join(self.reason.split())} ({signed})" if self.reason.strip() else signed

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "event": self.event,
            "dataset": self.dataset,
            "version": None if self.version is None else str(self.version),
            "at": self.at,
            "by": self.by,
            "reason": self.reason,
            "data": dict(self.data),
        }


@dataclass(frozen=True)
class PastEvent(Occurrence):
    """One event as its file, the last part of its path, tells it."""

    file: str = ""


@dataclass(frozen=True)
class Standing:
    """How a dataset and its versions stand; `events` are all that were told, oldest first.

    `standing` are the events that nothing took back, by subject (None: the dataset), in the order in which they
    happened; `stages` the version that each stage points to; `assigned` those promoted to a stage since it was empty.
    """

    events: Sequence[PastEvent] = ()
    standing: Mapping[Version | None, Sequence[PastEvent]] = field(default_factory=dict)
    stages: Mapping[str, Version] = field(default_factory=dict)
    assigned: Mapping[str, Sequence[Version]] = field(default_factory=dict)

    @property
    def dataset(self) -> Status:
        """The status of the dataset."""
        return _status(self.cause(None))

    def status(self, version: Version) -> Status:
        """The status of a version: its own, or that of its dataset where that says more."""
        return _status(self.cause(version))

    def cause(self, version: Version | None) -> PastEvent | None:
        """The event that gives a version, or the dataset, its status; None for an active one."""
        told = [*self.standing.get(None, ()), *(self.standing.get(version, ()) if version is not None else ())]
        return max(told, key=lambda each: _RANK[_status(each)], default=None)

    def stages_of(self, version: Version) -> tuple[str, ...]:
        """The stages that point to the version, by name."""
        return tuple(sorted(stage for stage, at in self.stages.items() if at == version))

    def about(self, version: Version) -> list[PastEvent]:
        """The events that tell of the version, or of the whole dataset."""
        return [each for each in self.events if each.version in (None, version)]


UNTOUCHED = Standing()
"""Of a dataset to which nothing happened."""


def kind_in(file: str) -> str | None:
    """The kind of event that a file's name tells; None for a name that no event has."""
    match = _FILE.fullmatch(file)
    return match[1] if match else None


def standing_of(events: Iterable[PastEvent]) -> Standing:
    """What these events, of one dataset and in any order, come to."""
    ordered = sorted(events, key=lambda each: (each.at, each.file))
    standing: dict[Version | None, list[PastEvent]] = {}
    stages: dict[str, Version] = {}
    assigned: dict[str, list[Version]] = {}
    for each in ordered:
        marks = standing.setdefault(each.version, [])
        stage = each.data.get("stage")
        if each.event in _GIVING:
            standing[each.version] = [mark for mark in marks if mark.event != each.event] + [each]
        elif each.event == Happening.RESTORE.value:
            taken = [mark for mark in marks if each.data.get("event") in (None, mark.event)][-1:]
            standing[each.version] = [mark for mark in marks if mark not in taken]
        elif each.event == Happening.PROMOTE.value and isinstance(stage, str) and each.version is not None:
            stages[stage] = each.version
            assigned[stage] = [*assigned.get(stage, []), each.version]
        elif each.event == Happening.DEMOTE.value and isinstance(stage, str) and stages.get(stage) == each.version:
            stages.pop(stage, None)
            assigned.pop(stage, None)
    return Standing(ordered, {subject: marks for subject, marks in standing.items() if marks}, stages, assigned)


_GIVING = {each.value: status for each, status in GIVES.items()}


def _status(event: PastEvent | None) -> Status:
    return Status.ACTIVE if event is None else _GIVING[event.event]
