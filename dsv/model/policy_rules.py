"""The bump policies: each is a rule that gives reasons for levels, of which the highest counts.

- balanced: breaking changes of fields are major; the share of changed records decides otherwise.
- strict: the wording of Croissant (https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html, versions):
  anything edited, removed or moved is major, additions are minor, the same records are a patch.
- frictionless: the Data Package recipe (https://datapackage.org/recipes/data-package-version/): any change of
  fields, and data taken away, is major; additions are minor; corrections are a patch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from dsv.model.change import RecordCounts
from dsv.model.policy import Cause, Policy, Reason, Verdict, exact, percent, value_types
from dsv.model.problems import MAXIMUM_SHOWN, shown
from dsv.model.version import Level

if TYPE_CHECKING:
    from dsv.model.change import Change
    from dsv.model.fields import FieldType

_FIELDS_NAMED = 10
"""How many fields of one kind get a reason of their own; the others are counted."""

Rule = Callable[["Change", Policy], Iterable[Reason]]


def balanced(change: Change, policy: Policy) -> Iterator[Reason]:
    """Major above one threshold of the changed share, minor above another; rare fields may come and go as a minor."""
    yield from _key(change)
    common = [name for name in change.fields.removed if name not in change.rare]
    scarce = [name for name in change.fields.removed if name in change.rare]
    yield from _fields(Level.MAJOR, common, Cause.FIELD_REMOVED, "removed")
    yield from _fields(Level.MINOR, scarce, Cause.FIELD_REMOVED, "removed", noun="rare field")
    for field in change.fields.changed[:_FIELDS_NAMED]:
        yield _retyping(field, change)
    if rest := change.fields.changed[_FIELDS_NAMED:]:
        level = max(_retyping(field, change).level for field in rest)
        yield Reason(level, f"{len(rest):,} more fields changed their type", Cause.FIELD_RETYPED)
    yield from _fields(Level.MINOR, change.fields.added, Cause.FIELD_ADDED, "added")
    yield from _share(change, policy)


def strict(change: Change, policy: Policy) -> Iterator[Reason]:
    """Only additions leave old records as they were; thresholds play no part."""
    del policy
    yield from _key(change)
    for counts, cause, noun in _counted(change):
        for count, word in ((counts.modified, "modified"), (counts.removed, "removed"), (counts.moved, "moved")):
            if count:
                yield Reason(Level.MAJOR, f"{count:,} {_plural(noun, count)} {word}", cause)
        if counts.added:
            yield Reason(Level.MINOR, f"{counts.added:,} {_plural(noun, counts.added)} added", cause)
    yield from _fields(Level.MINOR, change.fields.added, Cause.FIELD_ADDED, "added")
    yield from _same_records(change)


def frictionless(change: Change, policy: Policy) -> Iterator[Reason]:
    """Without a key, as many removed as added records count as corrections."""
    del policy
    yield from _key(change)
    yield from _fields(Level.MAJOR, change.fields.removed, Cause.FIELD_REMOVED, "removed")
    retyped = [field.field for field in change.fields.changed]
    yield from _fields(Level.MAJOR, retyped, Cause.FIELD_RETYPED, "changed its type")
    yield from _fields(Level.MAJOR, change.fields.added, Cause.FIELD_ADDED, "added")
    for counts, cause, noun in _counted(change):
        keyed = change.keyed and cause is Cause.RECORDS
        corrected = counts.modified if keyed else counts.modified + min(counts.added, counts.removed)
        removed = counts.removed if keyed else max(counts.removed - counts.added, 0)
        added = counts.added if keyed else max(counts.added - counts.removed, 0)
        for level, count, word in (
            (Level.MAJOR, removed, "removed"),
            (Level.MAJOR, counts.moved, "moved to another split"),
            (Level.MINOR, added, "added"),
            (Level.PATCH, corrected, "corrected"),
        ):
            if count:
                yield Reason(level, f"{count:,} {_plural(noun, count)} {word}", cause)
    yield from _same_records(change)


RULES: dict[str, Rule] = {"balanced": balanced, "strict": strict, "frictionless": frictionless}
"""The rule of each policy."""


def decide(change: Change, *, policy: Policy) -> Verdict:
    """The level of the change under the policy; of its reasons, those that ask for this level."""
    if change.nothing:
        return Verdict(None, ("nothing changed",))
    found = list(RULES[policy.name](change, policy))
    level = max(reason.level for reason in found)
    causes = tuple(reason for reason in found if reason.level is level)
    return Verdict(level, tuple(reason.text for reason in causes), causes)


def _key(change: Change) -> Iterator[Reason]:
    if change.key_changed:
        yield Reason(Level.MAJOR, "the key changed", Cause.KEY)


def _fields(level: Level, names: Sequence[str], cause: Cause, verb: str, *, noun: str = "field") -> Iterator[Reason]:
    for name in names[:_FIELDS_NAMED]:
        yield Reason(level, f"{noun} {_named(name)} {verb}", cause, (name,))
    if rest := names[_FIELDS_NAMED:]:
        yield Reason(level, f"{len(rest):,} more {noun}s {verb}", cause, tuple(rest[:1]))


def _retyping(field: FieldType, change: Change) -> Reason:
    old, new = value_types(field.old), value_types(field.new)
    named = (field.field,)
    name = _named(field.field)
    words = f"field {name} changed from {' or '.join(field.old)} to {' or '.join(field.new) or 'nothing'}"
    if not old:
        words = f"field {name}, without a value before, has some"
        return Reason(Level.MINOR, words, Cause.FIELD_RETYPED, named)
    if not new - old and all((field.field, kind) in change.rare for kind in old - new):
        return Reason(Level.MINOR, f"{words}; the type gone was rare", Cause.FIELD_RETYPED, named)
    return Reason(Level.MAJOR, words, Cause.FIELD_RETYPED, named)


def _share(change: Change, policy: Policy) -> Iterator[Reason]:
    share, major, minor = change.share, exact(policy.major), exact(policy.minor)
    of_records = share == change.records.share(keyed=change.keyed)
    cause = Cause.RECORDS if of_records else Cause.OPAQUE
    of = "" if of_records else " of the files without a reader"
    text = f"changed share{of} {percent(share, apart_from=(major, minor))}"
    if share > major:
        yield Reason(Level.MAJOR, f"{text} is above {percent(major)}", cause)
    elif share >= minor and share > 0:
        yield Reason(Level.MINOR, f"{text} is between {percent(minor)} and {percent(major)}", cause)
    elif share > 0:
        yield Reason(Level.PATCH, f"{text} is below {percent(minor)}", cause)
    yield from _same_records(change)


def _same_records(change: Change) -> Iterator[Reason]:
    """What is left to say where no record changed."""
    if change.share:
        return
    if change.files.any:
        yield Reason(Level.PATCH, "files changed, but no record did", Cause.FILES)
    else:
        yield Reason(Level.PATCH, "only the declarations of format or splits changed", Cause.DECLARATIONS)


def _counted(change: Change) -> Iterator[tuple[RecordCounts, Cause, str]]:
    yield change.records, Cause.RECORDS, "record"
    if change.opaque is not None:
        yield change.opaque, Cause.OPAQUE, "file"


def _named(field: str) -> str:
    """The field's name as it can stand in a line."""
    return field if field.isprintable() and len(field) <= MAXIMUM_SHOWN else shown(field)


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"
