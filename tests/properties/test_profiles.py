"""A profile is a function of the records, whatever way they were taken; and it says what is true of them."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from dsv.records import column, sketch
from dsv.records.canonical import Number, encode
from dsv.records.profile import MOST_FIELDS, Profile, Profiler, merge
from dsv.records.sketch import distinct, quantiles

NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([Number("1e400"), Number("-1e400"), Number("NaN"), Number("Infinity"), -0.0, 0.0, 1, 1.0, 1 << 63]),
)
TEXTS = st.one_of(
    st.sampled_from(["", "a", "b", "\ud800", "1"]), st.text(max_size=5), st.integers(0, 200).map(lambda n: "é" * n)
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    NUMBERS,
    TEXTS,
    st.lists(st.none(), max_size=5),
    st.dictionaries(st.text(max_size=2), st.none(), max_size=2),
)
RECORDS = st.lists(
    st.one_of(st.dictionaries(st.sampled_from(["a", "b", "\ud801", "c"]), VALUES, max_size=4), st.integers()),
    max_size=80,
)


def profile(records: list[Any], *, batch: int = 256) -> Profile:
    profiler = Profiler()
    for first in range(0, len(records), batch):
        profiler.add(records[first : first + batch])
    return profiler.finish()


def read_back(one: Profile) -> Profile:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=Profile)


@given(records=RECORDS, data=st.data())
def test_neither_order_nor_batches_nor_files_can_be_told_from_a_profile(
    records: list[Any], data: st.DataObject
) -> None:
    expected = merge([profile(records)])
    shuffled = data.draw(st.permutations(records))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(records)), max_size=3)))
    parts = [shuffled[first:last] for first, last in zip([0, *cuts], [*cuts, len(records)], strict=True)]

    assert merge([profile(shuffled, batch=data.draw(st.integers(1, 50)))]) == expected
    assert merge(read_back(profile(part)) for part in parts) == expected
    assert merge([merge(map(profile, parts[:2])), *map(profile, parts[2:])]) == expected
    assert merge([*map(profile, parts[2:]), read_back(merge(map(profile, parts[:2])))]) == expected
    assert read_back(expected) == expected


@given(
    records=st.lists(st.dictionaries(st.just("a"), VALUES, min_size=1), max_size=60),
    cut=st.integers(0, 60),
    labels=st.sampled_from([0, 3, 100]),
)
def test_limits_are_passed_by_the_records_together_not_in_some_order(records: list[Any], cut: int, labels: int) -> None:
    before = column.MOST_LABELS, sketch.MOST_HASHES, sketch.MOST_BINS
    column.MOST_LABELS, sketch.MOST_HASHES, sketch.MOST_BINS = labels, 4, 6
    try:
        expected = merge([profile(records)])
        assert merge([profile(records, batch=7)]) == expected
        assert merge([profile(records[:cut]), profile(records[cut:])]) == expected
        assert merge([merge([profile(records[cut:])]), merge([profile(records[:cut])])]) == expected
    finally:
        column.MOST_LABELS, sketch.MOST_HASHES, sketch.MOST_BINS = before


@given(records=st.lists(st.dictionaries(st.just("a"), VALUES, min_size=1), min_size=1, max_size=80))
def test_a_small_profile_counts_exactly(records: list[Any]) -> None:
    (field,) = merge([profile(records)]).fields
    values = [record["a"] for record in records]

    scalars = {encode(value) for value in values if value is not None and not isinstance(value, (list, dict))}
    count, exactly = distinct(field.hashes)
    assert exactly
    assert field.labels is not None
    assert count + len(field.labels) == len(scalars)
    labels = Counter(encode(each) for each in values if encode(each) in {encode(value) for value, _ in field.labels})
    assert {encode(value): number for value, number in field.labels} == labels
    assert sum(field.kinds) == len(records)
    assert field.kinds[4] == values.count(None)


@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=300))
def test_quantiles_are_less_than_a_hundredth_below_the_value_at_their_rank(values: list[float]) -> None:
    (field,) = merge([profile([{"a": value} for value in values])]).fields
    bins = field.numbers
    assert bins is not None
    shares = (0, 0.05, 0.25, 0.5, 0.75, 0.95, 1)
    found = quantiles(bins, shares, whole=False)
    ordered = sorted(values)

    assert (found[0], found[-1]) == (ordered[0], ordered[-1])
    if bins.shift == 0:
        for share, number in zip(shares, found, strict=True):
            assert math.isclose(number, ordered[int(share * (len(values) - 1))], rel_tol=0.01, abs_tol=1e-300)


@given(values=st.lists(st.integers(-255, 255), min_size=101, max_size=300))
def test_quantiles_of_small_whole_numbers_are_exact(values: list[int]) -> None:
    spread = [*values, *range(-101, 101)]
    (field,) = merge([profile([{"a": value} for value in spread])]).fields
    assert field.labels is None
    assert field.numbers is not None
    ordered = sorted(spread)

    found = quantiles(field.numbers, (0.05, 0.5, 0.95), whole=True)

    assert found == [ordered[int(share * (len(spread) - 1))] for share in (0.05, 0.5, 0.95)]


def test_many_distinct_values_are_estimated() -> None:
    whole = merge([profile([{"id": f"r{number}", "n": number, "x": number / 7} for number in range(50_000)])])
    for field in whole.fields:
        count, exactly = distinct(field.hashes)
        assert not exactly
        assert abs(count - 50_000) < 0.1 * 50_000


def test_equal_text_and_number_and_truth_are_different_values() -> None:
    (field,) = merge([profile([{"a": 1}, {"a": 1.0}, {"a": "1"}, {"a": True}, {"a": True}])]).fields
    assert field.labels == (("1", 1), (1, 1), (True, 2))
    assert distinct(field.hashes) == (1, True)


def test_only_the_first_fields_by_name_are_profiled() -> None:
    records = [{f"f{number:04}": number} for number in range(MOST_FIELDS + 50)]
    found = merge([profile(records)])

    assert [field.name for field in found.fields] == [f"f{number:04}" for number in range(MOST_FIELDS)]
    assert found.more
    assert merge([profile(records[::-1])]) == found
    assert merge([profile([{name: value for record in records for name, value in record.items()}])]).more
    assert merge(map(profile, [[record] for record in records])) == found


def test_a_file_with_one_record_has_a_small_profile() -> None:
    one = profile([{"id": "r123", "text": "words " * 200, "rent": 123, "valid": True, "tags": ["a"]}])
    assert len(msgspec.msgpack.encode(one)) < 100


@given(
    records=st.lists(
        st.dictionaries(st.sampled_from([*"abc", "\ud801", *(f"f{at:03}" for at in range(300))]), VALUES, max_size=300),
        max_size=80,
    ),
    batch=st.integers(1, 60),
)
def test_every_field_has_its_types_counted_beyond_those_that_are_profiled(records: list[Any], batch: int) -> None:
    expected: dict[str, Counter[str]] = {}
    for record in records:
        for name, value in record.items():
            shown = "\\ud801" if name == "\ud801" else name
            word = {str: "string", bool: "boolean", type(None): "null", list: "array", dict: "object"}
            expected.setdefault(shown, Counter())[word.get(type(value), "number")] += 1
    profiler = Profiler()
    for first in range(0, len(records), batch):
        profiler.add(records[first : first + batch])
    assert profiler.types == expected


def test_values_of_subclasses_count_as_what_they_are() -> None:
    class Text(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "other"

    class Whole(int):
        pass

    class Real(float):
        pass

    class Rows(list):  # type: ignore[type-arg]
        pass

    odd: list[Any] = [{"a": Text("word"), "b": Whole(3), "c": Real(2.5), "d": Rows([1, 2]), "e": object()}]
    usual = [{"a": "word", "b": 3, "c": 2.5, "d": [1, 2], "e": Number("NaN")}]
    for times in (1, 100):
        assert merge([profile(odd * times)]) == merge([profile(usual * times)])
