"""Two datasets have the same `records` digest exactly when they hold the same records, however these are written."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from dsv.records.canonical import encode

from .datasets import COMPRESSIONS, in_files, json_lines, opened, table, texts, values

seeds = st.integers(0, 2**32).map(random.Random)


@settings(max_examples=80)
@given(st.lists(values, max_size=7), seeds, seeds)
def test_order_sharding_names_compression_layout_and_format_do_not_count(records, one, other):
    with opened(in_files(records, choose=one)) as first, opened(in_files(records, choose=other)) as second:
        assert first.built.records_digest == second.built.records_digest
        assert first.built.records == second.built.records == len(records)
        assert first.fields == second.fields
        assert first.tokens == second.tokens
        first.index.verify()
        assert first.index.records_digest() == first.built.records_digest


few_values = st.sampled_from([None, 1, 1.0, "1", True, [1], [True], {"a": 1}, {"a": 1.0}, {"a": 1, "b": None}, {}])


@settings(max_examples=120)
@given(st.lists(few_values, max_size=4), st.lists(few_values, max_size=4), seeds)
def test_a_record_more_or_less_or_another_value_always_counts(one, other, choose):
    same = Counter(map(encode, one)) == Counter(map(encode, other))
    with opened(in_files(one, choose=choose)) as first, opened(in_files(other, choose=choose)) as second:
        assert (first.built.records_digest == second.built.records_digest) is same


@settings(max_examples=40)
@given(st.lists(values, min_size=1, max_size=5), st.data(), seeds)
def test_a_copy_of_a_record_is_a_record_more(records, data, choose):
    again = [*records, data.draw(st.sampled_from(records))]
    with opened(in_files(records, choose=choose)) as first, opened(in_files(again, choose=choose)) as second:
        assert first.built.records_digest != second.built.records_digest
        assert second.built.records == first.built.records + 1


@settings(max_examples=40)
@given(st.lists(values | st.fixed_dictionaries({"id": values}), max_size=6), seeds)
def test_declaring_a_key_does_not_change_the_records(records, choose):
    files = in_files(records, choose=choose)
    with opened(files) as without, opened(files, key=["id"]) as keyed:
        assert keyed.built.records_digest == without.built.records_digest
        assert keyed.fields == without.fields


cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=5)


@settings(max_examples=60)
@given(st.lists(cells, min_size=1, max_size=4, unique=True), st.data(), seeds, seeds)
def test_a_table_is_its_rows_with_every_cell_a_string(columns, data, one, other):
    rows = data.draw(st.lists(st.lists(cells, min_size=len(columns), max_size=len(columns)), max_size=5))
    (suffix, first), (other_suffix, second) = (table([columns, *rows], choose=each) for each in (one, other))
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    as_lines = {"a.jsonl": json_lines(records, choose=one).encode()}
    with (
        opened({f"a{suffix}": first}) as a,
        opened({f"b{other_suffix}": second}) as b,
        opened(as_lines) as c,
    ):
        assert a.built.records_digest == b.built.records_digest == c.built.records_digest
        assert a.fields == b.fields
        assert {field.name for field in a.fields.fields} == set(columns)


def test_every_compression_that_dsv_reads_is_among_those_tried():
    assert COMPRESSIONS.keys() == {"", ".gz", ".bz2", ".xz", ".zst"}


@given(texts)
def test_a_text_is_never_trimmed_or_normalised(text):
    for other in (f"{text} ", f" {text}", f"{text}\u0301", text.swapcase()):
        assert (encode(other) == encode(text)) is (other == text)
