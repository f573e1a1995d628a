"""What a rule can measure: each function, what it takes, and what can be asked of its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What the value of a function is."""

    COUNT = "a count, or with % its share of a whole"
    RATIO = "a share between 0 and 1, or 0 % and 100 %"
    NUMBER = "a number"
    EACH = "something of each record, which each must be"


class Over(Enum):
    """What a function looks at."""

    VERSION = "the new version"
    CHANGE = "the change since the version before"


@dataclass(frozen=True)
class Function:
    """A function: how many arguments it takes, what they are called, and its options."""

    name: str
    kind: Kind
    least: int = 0
    most: int | None = 0
    argument: str = "field"
    options: Mapping[str, str] = field(default_factory=dict)
    over: Over = Over.VERSION
    choices: tuple[str, ...] = ()
    """What an argument must be one of; empty where it is a name."""
    needs_condition: bool = True
    """Whether a rule must say what the value must be; else `== 0` is meant where nothing is said."""

    @property
    def takes_list(self) -> bool:
        """Whether `in [...]` can be asked."""
        return self.name == "values"


_CHANGES = ("added", "removed", "modified", "moved", "changed", "unchanged")

FUNCTIONS: Mapping[str, Function] = {
    each.name: each
    for each in (
        Function("records", Kind.COUNT, 0, None, "split"),
        Function("files", Kind.NUMBER),
        Function("bytes", Kind.NUMBER),
        Function("tokens", Kind.NUMBER),
        Function("bad_records", Kind.COUNT, needs_condition=False),
        Function("duplicates", Kind.COUNT, 0, None, needs_condition=False),
        Function("missing", Kind.COUNT, 1, 1, needs_condition=False),
        Function("distinct", Kind.COUNT, 1, None),
        Function("values", Kind.EACH, 1, 1),
        Function("length", Kind.EACH, 1, 1),
        Function("avg", Kind.NUMBER, 1, 1, options={"scorer": "scorer"}),
        Function("judge_pass_rate", Kind.RATIO, 0, 1, "scorer"),
        Function("coverage", Kind.RATIO, 1, 1, "scorer"),
        Function("overlap", Kind.COUNT, 1, 2, "split or dataset", needs_condition=False),
        Function(
            "near_overlap",
            Kind.COUNT,
            1,
            2,
            "split or dataset",
            options={"field": "field", "similarity": "number"},
            needs_condition=False,
        ),
        Function("dangling", Kind.COUNT, 2, 2, "field and the field it refers to", needs_condition=False),
        Function("out_of_order", Kind.COUNT, 2, 2, "field and the one that must not be less", needs_condition=False),
        Function(
            "chat",
            Kind.COUNT,
            0,
            1,
            "spelling",
            choices=("auto", "chatml", "sharegpt", "alpaca"),
            needs_condition=False,
        ),
        *(Function(name, Kind.COUNT, over=Over.CHANGE) for name in _CHANGES),
        Function("drift", Kind.RATIO, 1, 1, over=Over.CHANGE),
    )
}
"""The functions that dsv has itself, by name; packages add others (dsv/checks/rules/plugins.py)."""
