"""Functions of the values of fields: told from the profile of the fields where that tells it exactly."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from dsv.checks.rules.inspections import Allowed, Different, Lengths, Missing, Numbers, Values
from dsv.checks.rules.measured import VALUE, Measured
from dsv.checks.rules.outcome import Example
from dsv.checks.rules.repeated import repeated
from dsv.checks.rules.version import CheckedVersion
from dsv.model.rule import Between, Compared, Condition, OneOf, Rule, Text
from dsv.records.column import LONGEST_LABEL, MOST_LABELS, FieldSketch
from dsv.records.index import NAMED, Place, duplicate_keys
from dsv.records.inspection import Inspection


def inspections_of(rule: Rule, *, key: tuple[str, ...]) -> tuple[Inspection, ...]:
    """What is to be noted in the scan for the rule, because the profile will not tell it."""
    names = rule.call.names
    function = rule.call.function
    if function == "distinct" or (function == "duplicates" and names and names != key):
        return (Different(names),)
    if function == "avg":
        return (Numbers(names[0]),)
    if function == "values" and not _told_by_labels(rule.condition):
        return (Values(names[0], rule.condition),)
    return ()


def missing(rule: Rule, version: CheckedVersion) -> Measured:
    """Records without the field, with null, or with an empty text there."""
    [field] = rule.call.names
    inspection = Missing(field)
    sketch = version.fields().get(field)
    if sketch is not None:
        count = version.records - sum(sketch.kinds) + sketch.kinds[4] + _empty_texts(sketch)
    elif version.more_fields():
        count = version.noted(inspection).count
    else:
        count = version.records
    told = f"{count:,} of {version.records:,} records lack {field}"
    return Measured(Fraction(count), told, version.records, count, lambda: version.noted(inspection).first)


def values(rule: Rule, version: CheckedVersion) -> Measured:
    """Records whose value is none that is allowed."""
    [field] = rule.call.names
    inspection = Values(field, rule.condition)
    sketch = version.fields().get(field)
    count = _count_of_values(rule.condition, sketch) if _told_by_labels(rule.condition) else None
    if sketch is None and not version.more_fields():
        count = 0
    if count is None:
        count = version.noted(inspection).count
    told = (
        f"{count:,} of {version.records:,} records have another {field}"
        if count
        else f"every {field} is {rule.condition}"
    )
    return Measured(Fraction(count), told, version.records, count, lambda: version.noted(inspection).first)


def length(rule: Rule, version: CheckedVersion) -> Measured:
    """Records whose text or list has another length."""
    [field] = rule.call.names
    condition = rule.condition
    if isinstance(condition, OneOf):  # the grammar allows it for values(...) alone
        raise TypeError(str(rule))
    inspection = Lengths(field, condition)
    sketch = version.fields().get(field)
    if (sketch is None and not version.more_fields()) or (sketch is not None and _lengths_hold(condition, sketch)):
        return Measured(Fraction(), f"every {field} has a length {condition}", version.records)
    found = version.noted(inspection)
    told = f"{found.count:,} of {version.records:,} records have a {field} of another length"
    return Measured(Fraction(found.count), told, version.records, found.count, lambda: found.first)


def duplicates(rule: Rule, version: CheckedVersion) -> Measured:
    """Records that repeat an earlier one: in all, or in the values of some fields."""
    names = rule.call.names
    what = f"repeat the {' and '.join(names)} of an earlier one" if names else "repeat an earlier one"
    count, first = _repeated(names, version)
    told = f"{count:,} of {version.records:,} records {what}"
    return Measured(Fraction(count), told, version.records, count, lambda: first)


def different(rule: Rule, version: CheckedVersion) -> Measured:
    """How many different values there are, of the records that have one."""
    count, whole, last = 0, 0, b""
    for value, _, _ in version.noted(Different(rule.call.names)).rows():
        whole += 1
        count += value != last
        last = value
    return Measured(Fraction(count), f"{count:,} different values in {whole:,} records", whole)


def mean(field: str, version: CheckedVersion) -> Measured:
    """The mean of the numbers in a field of the records."""
    found = version.noted(Numbers(field))
    sums = dict(found.sums)
    number = int(sums.get("number", 0))
    if not number:
        return Measured(Fraction(), "", strange=f"no record has a number in {field}")
    average = Fraction(sums["total"]) / number
    strange = f"{found.count:,} records have something in {field} that is no number" if found.count else ""
    told = f"the mean of {field} is {VALUE}, over {number:,} of {version.records:,} records"
    return Measured(average, told, count=found.count, examples=lambda: found.first, strange=strange)


def _told_by_labels(condition: Condition) -> bool:
    """Whether the values that a field is counted by tell what the condition allows."""
    return (
        isinstance(condition, OneOf)
        and len(condition.values) <= MOST_LABELS
        and all(
            len(each.text) <= LONGEST_LABEL if isinstance(each, Text) else each.value.denominator == 1
            for each in condition.values
        )
    )


def _count_of_values(condition: Condition, sketch: FieldSketch | None) -> int | None:
    """How many values are not allowed; None where some were not counted one by one."""
    if sketch is None or sketch.labels is None:
        return None
    counted = sum(count for _, count in sketch.labels)
    if counted != sum(sketch.kinds) - sketch.kinds[4]:
        return None
    allowed = Allowed(condition)
    return sum(count for value, count in sketch.labels if value != "" and not allowed(value))


def _lengths_hold(condition: Compared | Between, sketch: FieldSketch) -> bool:
    """Whether all lengths are allowed; False where that cannot be told."""
    _, integers, reals, booleans, _, _, objects = sketch.kinds
    if integers or reals or booleans or objects or (isinstance(condition, Compared) and condition.operator == "!="):
        return False
    complete = sketch.with_labels()
    ends = [end for bins in (complete.characters, complete.elements) if bins for end in (bins.low, bins.high)]
    return all(condition.holds(Fraction(end)) for end in ends)


def _empty_texts(sketch: FieldSketch) -> int:
    """How many texts have no character: their length, zero, has a bin of its own."""
    counted = sum(count for value, count in sketch.labels or () if value == "")
    bins = sketch.characters
    pairs = zip(bins.counts[::2], bins.counts[1::2], strict=True) if bins else ()
    return counted + sum(count for place, count in pairs if place == 0)


def _repeated(names: tuple[str, ...], version: CheckedVersion) -> tuple[int, tuple[Example, ...]]:
    if names and names == version.key and version.opened().keyed and not _lacking(names, version):
        keys = duplicate_keys(version.opened().rows(), spill=version.spill)
        return keys.count, tuple(_again(version, *each) for each in keys.first)
    if not names:
        return _again_in(version.opened().entries(), version)
    return _again_in(version.noted(Different(names)).rows(), version)


def _lacking(names: tuple[str, ...], version: CheckedVersion) -> bool:
    """Whether a record has no value in one of the fields, which is then no duplicate of another without."""
    sketches = [version.fields().get(name) for name in names]
    return any(each is None or each.kinds[4] or _empty_texts(each) for each in sketches)


def _again_in(rows: Iterable[tuple[Any, ...]], version: CheckedVersion) -> tuple[int, tuple[Example, ...]]:
    """How many of the ascending rows have the value of the one before, and the first of these by place."""
    count = 0
    first: list[tuple[int, int, int, int]] = []
    for several in repeated(rows):
        count += len(several) - 1
        original = several[0][-2:]
        first += [(*each[-2:], *original) for each in several[1:]]
        if len(first) > NAMED * NAMED:
            first = heapq.nsmallest(NAMED, first)
    named = heapq.nsmallest(NAMED, first)
    return count, tuple(_again(version, Place(*each[:2]), Place(*each[2:])) for each in named)


def _again(version: CheckedVersion, again: Place, once: Place) -> Example:
    where = version.example(once)
    return version.example(again, f"repeats {where.file} record {where.row}")
