"""A rule that every version of a dataset keeps, as a value: what is measured, and what it must be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

_WORD = re.compile(r"[^\s,()\[\]=<>!\"'%]+")
NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]+)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Text:
    """A word, or a text in quotes, where a rule names something or lists a value."""

    text: str
    quoted: bool = False

    def __str__(self) -> str:
        if not self.quoted and _WORD.fullmatch(self.text):
            return self.text
        escaped = self.text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'


@dataclass(frozen=True)
class Quantity:
    """A number as it was written, exactly; of a percentage `value` is the share, so 5 % is 1/20."""

    written: str
    percent: bool = False

    @property
    def value(self) -> Fraction:
        """The number, or the share."""
        return Fraction(self.written) / (100 if self.percent else 1)

    def __str__(self) -> str:
        return f"{self.written}%" if self.percent else self.written


Argument: TypeAlias = "Text | Quantity"


@dataclass(frozen=True)
class Compared:
    """Must stand in this relation to the limit: == != <= >= < >."""

    operator: str
    limit: Quantity

    def holds(self, value: Fraction) -> bool:
        """Whether the value does."""
        limit = self.limit.value
        return {
            "==": value == limit,
            "!=": value != limit,
            "<=": value <= limit,
            ">=": value >= limit,
            "<": value < limit,
            ">": value > limit,
        }[self.operator]

    @property
    def percent(self) -> bool:
        """Whether it speaks of shares."""
        return self.limit.percent

    def __str__(self) -> str:
        return f"{self.operator} {self.limit}"


@dataclass(frozen=True)
class Between:
    """Must lie between the two, or be one of them."""

    low: Quantity
    high: Quantity

    def holds(self, value: Fraction) -> bool:
        """Whether the value does."""
        return self.low.value <= value <= self.high.value

    @property
    def percent(self) -> bool:
        """Whether it speaks of shares."""
        return self.low.percent

    def __str__(self) -> str:
        return f"between {self.low} and {self.high}"


@dataclass(frozen=True)
class OneOf:
    """Must be one of the values, or with `negated` none of them."""

    values: tuple[Argument, ...]
    negated: bool = False

    def __str__(self) -> str:
        return f"{'not ' if self.negated else ''}in [{', '.join(map(str, self.values))}]"


Condition: TypeAlias = "Compared | Between | OneOf"


@dataclass(frozen=True)
class Call:
    """What is measured: a function with its arguments and options."""

    function: str
    arguments: tuple[Argument, ...] = ()
    options: tuple[tuple[str, Argument], ...] = ()
    parentheses: bool = False

    def __str__(self) -> str:
        inside = [*map(str, self.arguments), *(f"{name}={value}" for name, value in self.options)]
        return f"{self.function}({', '.join(inside)})" if inside or self.parentheses else self.function

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments as texts, which most of them are."""
        return tuple(each.text if isinstance(each, Text) else str(each) for each in self.arguments)

    def option(self, name: str) -> Argument | None:
        """The option's value, None where it is not given."""
        return dict(self.options).get(name)


@dataclass(frozen=True)
class Rule:
    """What is measured, and what it must be; `offsets` tell where in the line the function and arguments stand.

    Two rules are equal when they say the same, however they are spaced. Its text is in one spelling.
    """

    call: Call
    condition: Condition
    implied: bool = False
    offsets: tuple[int, ...] = field(default=(0,), compare=False)

    def __str__(self) -> str:
        return str(self.call) if self.implied else f"{self.call} {self.condition}"
