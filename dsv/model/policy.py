"""The bump policy: from what changed to the level of the next version, with the reasons in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from dsv.model.fields import Fields, FieldsChange, FieldType
from dsv.model.version import Level


@dataclass(frozen=True)
class Policy:
    """A named rule with its thresholds, shares between 0 and 1 as decimal texts are written in YAML."""

    name: str = "balanced"
    major: float = 0.5
    minor: float = 0.1
    rare_fields: float = 0.01


POLICIES = ("balanced", "strict", "frictionless")
"""The policies this version of dsv knows."""


class Cause(Enum):
    """What a reason looks at."""

    KEY = "key"
    FIELD_ADDED = "field_added"
    FIELD_REMOVED = "field_removed"
    FIELD_RETYPED = "field_retyped"
    RECORDS = "records"
    OPAQUE = "opaque"
    FILES = "files"
    DECLARATIONS = "declarations"


@dataclass(frozen=True)
class Reason:
    """One reason for a level, in words, with its cause, and the fields it is about."""

    level: Level
    text: str
    cause: Cause
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The level a change asks for, and the reasons that make it so; no level when nothing changed."""

    level: Level | None
    reasons: tuple[str, ...]
    causes: tuple[Reason, ...] = ()


def compare_fields(old: Fields, new: Fields) -> FieldsChange:
    """What differs between two schemas; null is the absence of a value and no type to compare."""
    before, after = old.by_name(), new.by_name()
    changed = [
        FieldType(name, before[name].types, after[name].types)
        for name in before
        if name in after and value_types(before[name].types) != value_types(after[name].types)
    ]
    return FieldsChange(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        changed=tuple(changed),
    )


def rare(fields: Fields, *, records: int, policy: Policy) -> frozenset[str | tuple[str, str]]:
    """The fields, and (field, type) pairs, carried by fewer than the policy's `rare_fields` of the records."""
    limit = exact(policy.rare_fields) * records
    names: set[str | tuple[str, str]] = {field.name for field in fields.fields if field.total < limit}
    pairs = ((field.name, kind) for field in fields.fields for kind, count in field.counts if count < limit)
    return frozenset(names.union(pairs))


def percent(share: Fraction, *, apart_from: tuple[Fraction, ...] = ()) -> str:
    """The share as people read it: whole, or with as many decimals as keep it apart from a threshold."""
    if (share * 100).denominator == 1 and not apart_from:
        return f"{int(share * 100)} %"
    for decimals in (1, 2, 3, 4, 6):
        shown = f"{float(share * 100):.{decimals}f}"
        told_apart = all(Fraction(shown) / 100 != limit or share == limit for limit in (*apart_from, Fraction(0)))
        if told_apart:
            return f"{shown} %"
    return f"{float(share * 100):.9g} %"


def exact(threshold: float) -> Fraction:
    """The threshold as the decimal that was written, so that 0.1 is a tenth."""
    return Fraction(str(threshold))


def value_types(types: tuple[str, ...]) -> frozenset[str]:
    """The types without null."""
    return frozenset(types) - {"null"}
