"""Functions of the version as a whole, of what changed since the one before, and of scores."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction

from dsv.checks.rules.fields import mean
from dsv.checks.rules.measured import VALUE, Measured, Vacuous, number_text
from dsv.checks.rules.version import CheckedVersion, Labels, Scores
from dsv.model.field_profile import Label
from dsv.model.rule import Rule, Text
from dsv.records.column import MOST_LABELS

NO_VALUE = "no value"
OTHERS = "other values"
"""What stands beside the values, which are spelled as JSON: for records without one, and with what is no label."""

_SHIFTS_TOLD = 3
_WITH_EXAMPLES = ("added", "removed", "modified", "moved")
_NO_VERSION_BEFORE = "nothing to compare with: this is the first version"


def records(rule: Rule, version: CheckedVersion) -> Measured:
    """How many records there are, in some splits or in all."""
    splits = rule.call.names
    if not splits:
        return Measured(Fraction(version.records), f"{version.records:,} records")
    count = sum(version.splits.get(split, 0) for split in dict.fromkeys(splits))
    return Measured(Fraction(count), f"{count:,} records in {' and '.join(splits)}", version.records)


def files(_: Rule, version: CheckedVersion) -> Measured:
    """How many files there are."""
    return Measured(Fraction(version.files), f"{version.files:,} files")


def size(_: Rule, version: CheckedVersion) -> Measured:
    """The bytes of all files."""
    return Measured(Fraction(version.bytes), f"{version.bytes:,} bytes")


def tokens(_: Rule, version: CheckedVersion) -> Measured:
    """The tokens of all records."""
    return Measured(Fraction(version.tokens), f"{version.tokens:,} tokens")


def bad_records(_: Rule, version: CheckedVersion) -> Measured:
    """Records that do not parse, where a release keeps them."""
    count = version.bad_records
    return Measured(Fraction(count), f"{count:,} records do not parse", version.records + count, count)


def changes(rule: Rule, version: CheckedVersion) -> Measured | Vacuous:
    """The records of a class of change; a share is one of the records before."""
    before = version.before
    if before is None:
        return Vacuous(_NO_VERSION_BEFORE)
    word, whole = rule.call.function, max(before.records, 1)
    if word == "changed":
        number = version.changed_share * whole
        return Measured(number, f"{number_text(number)} records changed, of {before.records:,} in {before.name}", whole)
    count: int = getattr(version.change, word)
    told = f"{count:,} records {word}, of {before.records:,} in {before.name}"
    if word not in _WITH_EXAMPLES:
        return Measured(Fraction(count), told, whole, count)
    return Measured(Fraction(count), told, whole, count, lambda: before.examples(word))


def drift(rule: Rule, version: CheckedVersion) -> Measured | Vacuous:
    """How far the shares of a field's values are from those before: half the sum of what each differs by.

    That is the total variation distance: the share of records that would need another value.
    """
    [field] = rule.call.names
    before = version.before
    if before is None:
        return Vacuous(_NO_VERSION_BEFORE)
    old, new = before.labels(field), labels_of(field, version)
    if old is None or new is None:
        which = before.name if old is None else "the new version"
        return Measured(
            Fraction(),
            "",
            strange=f"{field} has more than {MOST_LABELS} different values in {which}, too many to follow",
        )
    if not (old.records and new.records):
        return Vacuous("nothing to compare with: there are no records")
    shifts = _shifts(old, new)
    moved = sum((abs(after - was) for _, was, after in shifts), Fraction()) / 2
    told = f"{field} has drifted by {VALUE}"
    if moved:
        largest = sorted(shifts, key=lambda each: -abs(each[2] - each[1]))[:_SHIFTS_TOLD]
        told += ": " + ", ".join(f"{name} {_percent(was)} to {_percent(after)}" for name, was, after in largest)
    return Measured(moved, told)


def labels_of(field: str, version: CheckedVersion) -> Labels | None:
    """How many records of the new version have which value; None where there are too many different ones."""
    sketch = version.fields().get(field)
    if sketch is None:
        return None if version.more_fields() else Labels(version.records, {NO_VALUE: version.records})
    if sketch.labels is None:
        return None
    return labels(version.records, present=sum(sketch.kinds), nulls=sketch.kinds[4], counts=sketch.labels)


def labels(records: int, *, present: int, nulls: int, counts: Iterable[tuple[Label, int]]) -> Labels:
    """The labels of a field in so many records, `present` of which carry it and `nulls` as null."""
    found = {json.dumps(value, ensure_ascii=False): count for value, count in counts}
    others = present - nulls - sum(found.values())
    return Labels(records, {NO_VALUE: records - present + nulls, **found, OTHERS: others})


def average(rule: Rule, version: CheckedVersion) -> Measured:
    """The mean of a column of scores, where scorers gave it, else of a field of the records."""
    [column] = rule.call.names
    scorer = rule.call.option("scorer")
    asked = None if scorer is None else scorer.text if isinstance(scorer, Text) else str(scorer)
    chosen = _scorers(version, asked)
    sums = [each.sums[column] for each in chosen.values() if column in each.sums]
    if not sums and asked is None:
        return mean(column, version)
    number = sum(count for _, count in sums)
    if not number:
        return Measured(Fraction(), "", strange=f"no record has a {column} by {asked}")
    by = " and ".join(name for name, each in chosen.items() if column in each.sums)
    told = f"the mean of {column} by {by} is {VALUE}, over {number:,} scores of {version.records:,} records"
    return Measured(sum((total for total, _ in sums), Fraction()) / number, told)


def pass_rate(rule: Rule, version: CheckedVersion) -> Measured:
    """The share of verdicts that let a record pass."""
    asked = next(iter(rule.call.names), None)
    chosen = _scorers(version, asked).values()
    judged, passed = sum(each.judged for each in chosen), sum(each.passed for each in chosen)
    if not judged:
        return Measured(Fraction(), "", strange=f"no record was judged{f' by {asked}' if asked else ''}")
    return Measured(Fraction(passed, judged), f"{passed:,} of {judged:,} verdicts let the record pass ({VALUE})")


def coverage(rule: Rule, version: CheckedVersion) -> Measured | Vacuous:
    """The share of the records that a scorer has scored."""
    [scorer] = rule.call.names
    if not version.records:
        return Vacuous("there are no records")
    scored = version.scores[scorer].scored if scorer in version.scores else 0
    told = f"{scorer} has scored {scored:,} of {version.records:,} records ({VALUE})"
    return Measured(Fraction(scored, version.records), told)


def _scorers(version: CheckedVersion, scorer: str | None) -> dict[str, Scores]:
    return {name: each for name, each in sorted(version.scores.items()) if scorer in (None, name)}


def _shifts(old: Labels, new: Labels) -> list[tuple[str, Fraction, Fraction]]:
    """Each value with its share before and now."""
    return [
        (value, Fraction(old.counts.get(value, 0), old.records), Fraction(new.counts.get(value, 0), new.records))
        for value in sorted(old.counts.keys() | new.counts.keys())
    ]


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.1f}%"
