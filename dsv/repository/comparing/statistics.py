"""What is known of the values of a version's fields: from its manifest, else from its data."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import TYPE_CHECKING

from dsv.errors import MissingDataError
from dsv.model.field_profile import (
    QUANTILES,
    FieldComparison,
    FieldProfile,
    FieldsProfile,
    Numbers,
    compared,
    few_digits,
    few_digits_of_count,
)
from dsv.records.formats import CannotReadError
from dsv.records.present import records_of
from dsv.records.profile import Profile, Profiler, merge
from dsv.records.sketch import Bins, distinct, quantiles

if TYPE_CHECKING:
    from dsv.model.reading import Reading
    from dsv.records.column import FieldSketch
    from dsv.repository.comparing.sources import RecordSource

_BATCH = 256


def compare_fields(
    old: RecordSource, new: RecordSource, *, label_fields: Collection[str]
) -> tuple[FieldComparison, ...]:
    """The fields' statistics side by side, those that differ first.

    MissingDataError when a version's manifest does not tell, and its data is not here.
    """
    return compared(_known(old, label_fields=label_fields), _known(new, label_fields=label_fields))


def fields_profile(profile: Profile, *, label_fields: Collection[str], records: int) -> FieldsProfile:
    """The profile as manifests keep it: with quantiles in few digits, and counts of values for label fields only."""
    found = [_field_profile(field, is_label=field.name in label_fields) for field in merge([profile]).fields]
    return FieldsProfile(records, tuple(found))


def label_profile(source: RecordSource, field: str) -> FieldProfile | None:
    """What is known of one field with its values counted; read from the data where no scan did. None without it."""
    profile = _read(source) if source.profile is None else source.profile()
    known = fields_profile(profile, label_fields=(field,), records=source.side.records)
    return next((each for each in known.fields if each.field == field), None)


def _known(source: RecordSource, *, label_fields: Collection[str]) -> FieldsProfile:
    if source.profiled is not None:
        return source.profiled
    profile = _read(source) if source.profile is None else source.profile()
    return fields_profile(profile, label_fields=label_fields, records=source.side.records)


def _read(source: RecordSource) -> Profile:
    """The profile of the files as they lie here."""
    side = source.side
    profiler = Profiler()
    try:
        for path, _ in side.index.files:
            profiler.include(_profile_of_file(source.places[path], path=path, reading=side.reading))
    except (KeyError, FileNotFoundError):
        raise MissingDataError(
            f"the manifest of {side.name} does not tell its fields' statistics, and its data is not in the cache",
            hint=f"dsv fetch {side.name} brings it",
        ) from None
    return profiler.finish()


def _profile_of_file(where: str, *, path: str, reading: Reading) -> Profile:
    profiler = Profiler()
    records = (value for _, value in records_of(where, path=path, reading=reading))
    try:
        while batch := list(islice(records, _BATCH)):
            profiler.add(batch)
    except CannotReadError:
        return Profile()
    return profiler.finish()


def _field_profile(field: FieldSketch, *, is_label: bool) -> FieldProfile:
    strings, integers, reals, booleans, nulls, _, _ = field.kinds
    scalars = strings + integers + reals + booleans
    complete = field.with_labels()
    count, is_exact = distinct(complete.hashes)
    return FieldProfile(
        field=field.name,
        present=sum(field.kinds),
        nulls=nulls,
        distinct=None if not scalars else count if is_exact else min(few_digits_of_count(count), scalars),
        estimated=not is_exact,
        characters=_numbers(complete.characters, whole=True),
        values=_numbers(complete.numbers, whole=not reals),
        elements=_numbers(complete.elements, whole=True),
        labels=field.labels if is_label else None,
    )


def _numbers(bins: Bins | None, *, whole: bool) -> Numbers | None:
    if bins is None:
        return None
    return few_digits(quantiles(bins, [share for _, share in QUANTILES], whole=whole))
