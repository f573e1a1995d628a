"""The bump policy: from what changed to the level of the next version, with the reasons in words."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from dsv.model.fields import Fields, FieldsChange, FieldType
from dsv.model.version import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsv.model.change import Change


@dataclass(frozen=True)
class Policy:
    """A named rule with its thresholds, shares between 0 and 1 as decimal texts are written in YAML."""

    name: str = "balanced"
    major: float = 0.5
    minor: float = 0.1
    rare_fields: float = 0.01


POLICIES = ("balanced",)
"""The policies this version of dsv knows."""


@dataclass(frozen=True)
class Verdict:
    """The level a change asks for, and the reasons that make it so; no level when nothing changed."""

    level: Level | None
    reasons: tuple[str, ...]


def compare_fields(old: Fields, new: Fields) -> FieldsChange:
    """What differs between two schemas; null is the absence of a value and no type to compare."""
    before, after = old.by_name(), new.by_name()
    changed = [
        FieldType(name, before[name].types, after[name].types)
        for name in before
        if name in after and _types(before[name].types) != _types(after[name].types)
    ]
    return FieldsChange(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        changed=tuple(changed),
    )


def rare(fields: Fields, *, records: int, policy: Policy) -> frozenset[str | tuple[str, str]]:
    """The fields, and (field, type) pairs, carried by fewer than the policy's `rare_fields` of the records."""
    limit = _exact(policy.rare_fields) * records
    names: set[str | tuple[str, str]] = {field.name for field in fields.fields if field.total < limit}
    pairs = ((field.name, kind) for field in fields.fields for kind, count in field.counts if count < limit)
    return frozenset(names.union(pairs))


def decide(change: Change, *, policy: Policy) -> Verdict:
    """The level of the change under the policy."""
    if change.nothing:
        return Verdict(None, ("nothing changed",))
    found = [*_field_reasons(change), *_share_reasons(change, policy)]
    level = max(level for level, _ in found)
    return Verdict(level, tuple(reason for at, reason in found if at is level))


def _field_reasons(change: Change) -> Iterator[tuple[Level, str]]:
    if change.key_changed:
        yield Level.MAJOR, "the key changed"
    for name in change.fields.removed:
        scarce = name in change.rare
        yield ((Level.MINOR, f"rare field {name} removed") if scarce else (Level.MAJOR, f"field {name} removed"))
    for field in change.fields.changed:
        yield _retyping(field, change)
    for name in change.fields.added:
        yield Level.MINOR, f"field {name} added"


def _retyping(field: FieldType, change: Change) -> tuple[Level, str]:
    old, new = _types(field.old), _types(field.new)
    words = f"field {field.field} changed from {' or '.join(field.old)} to {' or '.join(field.new) or 'nothing'}"
    if not old:
        return Level.MINOR, f"field {field.field}, without a value before, has some"
    if not new - old and all((field.field, kind) in change.rare for kind in old - new):
        return Level.MINOR, f"{words}; the type gone was rare"
    return Level.MAJOR, words


def _share_reasons(change: Change, policy: Policy) -> Iterator[tuple[Level, str]]:
    share, major, minor = change.share, _exact(policy.major), _exact(policy.minor)
    of = "" if share == change.records.share(keyed=change.keyed) else " of the files without a reader"
    text = f"changed share{of} {percent(share, apart_from=(major, minor))}"
    if share > major:
        yield Level.MAJOR, f"{text} is above {percent(major)}"
    elif share >= minor and share > 0:
        yield Level.MINOR, f"{text} is between {percent(minor)} and {percent(major)}"
    elif share > 0:
        yield Level.PATCH, f"{text} is below {percent(minor)}"
    elif change.files.any:
        yield Level.PATCH, "files changed, but no record did"
    elif change.declarations_changed:
        yield Level.PATCH, "only the declarations of format or splits changed"
    else:
        yield Level.PATCH, "no record changed"


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


def _types(types: tuple[str, ...]) -> frozenset[str]:
    return frozenset(types) - {"null"}


def _exact(threshold: float) -> Fraction:
    """The threshold as the decimal that was written, so that 0.1 is a tenth."""
    return Fraction(str(threshold))
