"""What a check of doctor is, and what it finds: a number that stays, the words, and how it is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsv.adapters.git.transaction import SharedEdit
    from dsv.repository.health.subject import Subject

_SHOWN = 5


class Level(Enum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"


class Mending(Enum):
    """Who mends it."""

    FIX = "dsv doctor --fix"
    """dsv: nothing that only the user knows is needed, and nothing of the user's can be lost."""
    HAND = "by hand"
    """The user, by the command that the finding names."""


@dataclass(frozen=True)
class Mend:
    """What dsv does: `act`, which commits nothing, or `edits` of files that others write too."""

    act: Callable[[], None] | None = None
    edits: Mapping[str, SharedEdit] = field(default_factory=dict)


NOTHING = Mend()


@dataclass(frozen=True)
class Check:
    """One thing that may be wrong. `number` is never given twice, `name` may be that of several that are akin.

    `message` and `remedy` have names in braces where a finding puts in what it is about; `why` says what it leads to.
    """

    number: str
    name: str
    level: Level
    message: str
    remedy: str
    why: str
    mending: Mending = Mending.HAND

    def found(self, mend: Mend = NOTHING, /, **named: object) -> Finding:
        """The finding about what is named."""
        return Finding(self, self.message.format(**named), self.remedy.format(**named), mend)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and what mends it, for people."""

    of: Check
    message: str
    fix: str
    mend: Mend = NOTHING

    @property
    def check(self) -> str:
        """The name of the check."""
        return self.of.name

    @property
    def number(self) -> str:
        """The number of the check."""
        return self.of.number

    @property
    def level(self) -> Level:
        """How bad it is."""
        return self.of.level

    @property
    def mendable(self) -> bool:
        """Whether dsv mends it itself."""
        return self.mend.act is not None or bool(self.mend.edits)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "check": self.check,
            "number": self.number,
            "level": self.level.value,
            "message": self.message,
            "fix": self.fix,
        }


Look = Callable[["Subject"], Iterator[Finding]]
"""A function that looks for what one or several checks are about."""


@dataclass(frozen=True)
class Area:
    """Checks about one thing, by number, and what looks for them, in the order in which it has to be mended."""

    title: str
    checks: Sequence[Check]
    looks: Sequence[Look]


def several(names: Iterable[str], *, shown: int = _SHOWN) -> str:
    """The first of some names in order, and how many more there are."""
    every = sorted(names)
    more = f" and {len(every) - shown} more" if len(every) > shown else ""
    return f"{', '.join(every[:shown])}{more}"


def counted(count: int, noun: str) -> str:
    """`1 file`, `2,000 files`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
